// What can go wrong with the outbox, as its callers must tell it apart.

/// A failure of the outbox.
package enum OutboxError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The disk is full: nothing of this call was stored; it can be tried again.
    case full(String)
    /// A write or fsync failed, or the database is damaged: the daemon must stop.
    case broken(String)
    /// Another daemon has it: its pid if known.
    case locked(pid: Int32?)
    /// It cannot be used: a network file system, missing rights, a newer schema; says what to do.
    case unusable(String)
    /// The outbox was closed before this call was carried out.
    case closed

    /// In words.
    package var description: String {
        switch self {
        case .full(let detail): "the outbox's disk is full: \(detail)"
        case .broken(let detail): "the outbox cannot be written: \(detail)"
        case .locked(let pid): "another daemon uses this outbox\(pid.map { " (pid \($0))" } ?? "")"
        case .unusable(let detail): detail
        case .closed: "the outbox is closed"
        }
    }
}
