// Why a line is no event; written beside rejected spool lines and in answers of the HTTP interface.

/// A line that is no event.
package struct EventError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Byte of the line, from 0, that it is about.
    package var offset: Int
    /// What is wrong, in words.
    package var message: String

    /// An error at byte `offset`.
    package init(offset: Int, message: String) {
        self.offset = offset
        self.message = message
    }

    /// `message at byte offset`.
    package var description: String { "\(message) at byte \(offset)" }
}
