// What is wrong with a template.

/// A template that cannot be read.
package struct TemplateError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Character of the template, from 0, that it is about.
    package var offset: Int
    /// What is wrong and what would be right, in words.
    package var message: String

    /// An error at character `offset`.
    package init(offset: Int, message: String) {
        self.offset = offset
        self.message = message
    }

    /// `message at character offset`.
    package var description: String { "\(message) at character \(offset)" }
}
