// The answer to an append that must be stored whole or not at all, as `POST /api/events` promises.

/// What became of arrivals that were offered together.
package enum JointAcceptance: Sendable, Equatable {
    /// All are durable: accepted or duplicates, in the order of the arrivals.
    case stored([Acceptance])
    /// Nothing was stored, because the arrivals at these places are conflicts.
    case refused(conflicts: [Int])
}
