// Templates: text with `{{path|filter}}` in URLs, headers, fields, bodies and write-backs. Pure.

/// A parsed template.
package struct Template: Sendable, Equatable {
    /// The template as it was written.
    package var source: String

    /// A template without any placeholder.
    package init(literal: String) {
        source = literal
    }
}
