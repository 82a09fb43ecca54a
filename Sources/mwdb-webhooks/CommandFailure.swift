// Why a command failed: exit code 1, and a line on standard error.

/// A command that could not do what it was asked for.
struct CommandFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// What, where, what to do next.
    let description: String
    /// There is no daemon to ask.
    let isWithoutDaemon: Bool

    /// A failure in words.
    init(_ description: String, isWithoutDaemon: Bool = false) {
        self.description = description
        self.isWithoutDaemon = isWithoutDaemon
    }
}
