// What operations that walk through the outbox report when they are through.

/// What a replay did.
package struct ReplayResult: Sendable, Equatable {
    /// Deliveries made ready.
    package var replayed: Int
    /// Events left out: no longer kept, unknown, or their delivery is pending anyway.
    package var skipped: Int

    /// A result.
    package init(replayed: Int = 0, skipped: Int = 0) {
        self.replayed = replayed
        self.skipped = skipped
    }
}

/// What a sweep removed.
package struct SweepResult: Sendable, Equatable {
    /// Events removed with all that belonged to them.
    package var events: Int
    /// Events of which only id and digest are left, because ids are remembered for at least 7 days.
    package var stripped: Int
    /// Deliveries removed with their attempts.
    package var deliveries: Int

    /// A result.
    package init(events: Int = 0, stripped: Int = 0, deliveries: Int = 0) {
        self.events = events
        self.stripped = stripped
        self.deliveries = deliveries
    }
}
