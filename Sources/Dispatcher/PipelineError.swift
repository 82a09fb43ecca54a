// Why the dispatcher cannot start or do what was asked, with the remedy.

/// A failure of the dispatcher as a whole.
package struct PipelineError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What happened, where, and what to do.
    package let description: String

    /// A failure described in words.
    package init(_ description: String) {
        self.description = description
    }
}
