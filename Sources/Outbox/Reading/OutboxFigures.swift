// Figures about the outbox as a whole: how big, how full, how old what waits.

import Model

/// Bytes used and left.
package struct OutboxSizes: Sendable, Equatable {
    /// Size of the database file.
    package var database: Int64
    /// Of these, free for reuse inside the file.
    package var reusable: Int64
    /// Size of the write-ahead log.
    package var log: Int64
    /// Bytes the daemon's user can still write to this file system.
    package var diskFree: Int64
    /// Size of the file system.
    package var diskTotal: Int64
}

/// What waits in one queue, by the age of its events (Postfix's qshape).
package struct AgeRow: Sendable, Equatable {
    /// The queue.
    package var queue: PluginNumber
    /// Pending deliveries in each bucket of `AgeTable.limits`; the last one has what is older than all limits.
    package var counts: [Int64]
    /// There are so many that a sample was scaled up.
    package var isEstimate: Bool
}

/// Plugins by age of what waits.
package struct AgeTable: Sendable, Equatable {
    /// Upper limits of the buckets' ages, rising; one more bucket has what is older.
    package var limits: [Span]
    /// One for each queue with something pending.
    package var rows: [AgeRow]
}

/// A line of the audit log.
package struct AuditEntry: Sendable, Equatable {
    /// When.
    package var at: Timestamp
    /// Who: a login, or `unix:UID`.
    package var who: String
    /// What was done.
    package var what: String
    /// To what, and with which result.
    package var detail: String
}
