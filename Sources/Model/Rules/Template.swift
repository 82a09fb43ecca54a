// Templates: text with `{{path|filter}}` in URLs, headers, fields, bodies and write-backs. Pure.

/// A parsed template.
package struct Template: Sendable, Equatable {
    /// The template as it was written; secrets are left out.
    package var source: String

    /// A template without any placeholder, whatever `literal` looks like.
    package init(literal: String) {
        source = literal
    }

    /// A literal that is never shown: `source` says `[secret]`. Join it to others with `+`.
    package init(secret: String) {
        source = "[secret]"
    }

    /// Parses `text`.
    /// - Throws: `TemplateError` for an unclosed placeholder, an empty path, an unknown filter.
    package init(parsing text: String) throws(TemplateError) {
        source = text
    }

    /// One template after the other.
    package static func + (left: Template, right: Template) -> Template {
        left
    }

    /// Paths of all placeholders, in order, for static checks.
    package var paths: [String] { [] }

    /// Without placeholders.
    package var isLiteral: Bool { paths.isEmpty }

    /// Text with every placeholder replaced; values are encoded for `purpose` and never expanded again;
    /// missing ones are empty.
    package func render(_ context: TemplateContext, purpose: TemplatePurpose = .plain) -> String {
        source
    }

    /// Like `render` for plain text, but a lone placeholder without filters keeps its JSON type; nil: missing.
    package func value(_ context: TemplateContext) -> JSON? {
        .string(render(context))
    }

    /// Checks that the template is an http(s) URL with neither scheme nor host from a placeholder.
    /// - Throws: `TemplateError`.
    package func checkURL() throws(TemplateError) {}

    /// Checks that the template is JSON whatever its values.
    /// - Throws: `TemplateError`.
    package func checkJSON() throws(TemplateError) {}
}

/// What a template's text is used for, which decides how values are encoded.
package enum TemplatePurpose: Sendable, Equatable {
    /// Text, form fields: values as they are.
    case plain
    /// A URL: values percent-encoded, always.
    case url
    /// A header's value: values lose control characters.
    case header
    /// A JSON body: values are escaped inside quotes and written as JSON values outside.
    case json
}
