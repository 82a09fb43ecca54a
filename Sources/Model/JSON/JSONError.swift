// What is wrong with a text that should be JSON.

/// A JSON text that cannot be read.
package struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Byte, from 0, at which reading stopped.
    package var offset: Int
    /// What was expected there, in words.
    package var message: String

    /// An error at byte `offset`.
    package init(offset: Int, message: String) {
        self.offset = offset
        self.message = message
    }

    /// `message at byte offset`.
    package var description: String { "\(message) at byte \(offset)" }
}
