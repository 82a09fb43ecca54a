// A job as the outbox keeps it: what it does, how far it has come. How far it has come is stored in the same
// transaction as what it did, so that a crash neither repeats nor leaves out anything.

import Model

/// Where a job stands.
package enum JobState: Int64, Sendable, CaseIterable {
    /// It goes on as fast as its rate allows.
    case running = 0
    /// Stopped by an operator; it can go on where it was.
    case stopped = 1
    /// Through.
    case done = 2
    /// It cannot go on until somebody mends what its problem says; then it can.
    case failed = 3

    /// The word for people and API.
    package var name: String {
        switch self {
        case .running: "running"
        case .stopped: "stopped"
        case .done: "done"
        case .failed: "failed"
        }
    }
}

/// An operator's job on many deliveries or events.
package struct JobRecord: Sendable, Equatable {
    /// Its number.
    package var id: Int64
    /// What it does; nil: a newer version wrote it.
    package var order: JobOrder?
    /// Most deliveries in a period, as it was written; nil: as fast as it goes.
    package var rate: String?
    /// Where it stands.
    package var state: JobState
    /// Who ordered it.
    package var who: String
    /// When it was ordered.
    package var createdAt: Timestamp
    /// When it last got on, or its state changed.
    package var updatedAt: Timestamp
    /// Where it goes on; each kind writes its own.
    package var position: String
    /// How many rows or objects it will look at, as far as was known when it began.
    package var total: Int64?
    /// How many it has looked at.
    package var examined: Int64
    /// Deliveries made ready, or events taken in.
    package var done: Int64
    /// Looked at and left as they are: in another state by now, known already, no longer kept.
    package var skipped: Int64
    /// What keeps it, in words.
    package var problem: String?

    /// A job as stored.
    package init(
        id: Int64, order: JobOrder?, rate: String? = nil, state: JobState = .running, who: String = "",
        createdAt: Timestamp, updatedAt: Timestamp, position: String = "", total: Int64? = nil,
        examined: Int64 = 0, done: Int64 = 0, skipped: Int64 = 0, problem: String? = nil
    ) {
        self.id = id
        self.order = order
        self.rate = rate
        self.state = state
        self.who = who
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.position = position
        self.total = total
        self.examined = examined
        self.done = done
        self.skipped = skipped
        self.problem = problem
    }
}

extension JobRecord {
    /// The columns that `init(_:)` reads, in its order.
    static let columns =
        "id, orders, rate, state, who, created_at, updated_at, position, total, examined, done, skipped, problem"

    /// Reads a row of `job`.
    init(_ row: Statement) {
        self.init(
            id: row.integer(0), order: JobOrder(stored: row.text(1)), rate: row.optionalText(2),
            state: JobState(rawValue: row.integer(3)) ?? .failed, who: row.text(4),
            createdAt: Timestamp(milliseconds: row.integer(5)),
            updatedAt: Timestamp(milliseconds: row.integer(6)), position: row.text(7),
            total: row.optionalInteger(8), examined: row.integer(9), done: row.integer(10),
            skipped: row.integer(11), problem: row.optionalText(12))
    }
}
