// A configured value that cannot be read: durations, sizes, rates, conditions, secrets.

/// A value that is not what its key wants.
package struct ValueError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong and what would be right, in words, without the key's name.
    package var message: String

    /// An error explained by `message`.
    package init(_ message: String) {
        self.message = message
    }

    /// The message.
    package var description: String { message }
}
