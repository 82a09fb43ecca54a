// What belongs to the open transaction and takes effect only when it is committed.

import Model

/// The open transaction's business.
struct Transaction {
    /// A transaction is closed beyond this many rows …
    static let rowLimit = 4_000
    /// … or this many bytes of bodies: 8 MiB …
    static let byteLimit = 8 << 20
    /// … or this time in nanoseconds, or twice what the last commit took if that is more: what is posted meanwhile
    /// waits as long, and a disk that is slow to commit must not get to do it more often.
    static let timeLimit: UInt64 = 4_000_000

    /// BEGIN has been run.
    var isOpen = false
    /// When nothing more is added to it, on the monotonic clock in nanoseconds.
    var end = UInt64.max
    /// Rows written so far.
    var rows = 0
    /// Bytes of bodies written so far.
    var bytes = 0
    /// Sequence numbers given out.
    var sequences: Int64 = 0
    /// Deliveries made here that go out right after the commit.
    var fresh: [Claim] = []
    /// Where they stand in line.
    var freshLines: [Int64?] = []
    /// Bytes of their bodies.
    var freshBytes = 0
    /// Claims that end with the commit.
    var released: [DeliveryID] = []
    /// Claims whose row gets another state with the commit.
    var restated: [(delivery: DeliveryID, state: DeliveryState)] = []
    /// The unsaved records are in it.
    var hasRecords = false
    /// Callers to be answered.
    var answers: [Answer] = []

    /// More may be added to it at `now`.
    func hasRoom(at now: UInt64) -> Bool { rows < Self.rowLimit && bytes < Self.byteLimit && now < end }

    /// A caller who waits for the commit.
    enum Answer: Sendable {
        case append(AppendRequest, JointAcceptance)
        case markStarted(@Sendable (Result<Void, OutboxError>) -> Void)

        func succeed() {
            switch self {
            case .append(let request, let acceptance): request.completion(.success(acceptance))
            case .markStarted(let completion): completion(.success(()))
            }
        }

        func fail(_ error: OutboxError) {
            switch self {
            case .append(let request, _): request.completion(.failure(error))
            case .markStarted(let completion): completion(.failure(error))
            }
        }
    }
}
