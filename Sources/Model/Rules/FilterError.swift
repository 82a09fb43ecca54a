// What is wrong with a filter.

/// A filter that cannot be read.
package struct FilterError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Line of the filter, from 0.
    package var line: Int
    /// What is wrong and what would be right, in words.
    package var message: String

    /// An error in line `line`.
    package init(line: Int, message: String) {
        self.line = line
        self.message = message
    }

    /// The message.
    package var description: String { message }
}
