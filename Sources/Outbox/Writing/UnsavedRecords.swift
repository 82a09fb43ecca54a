// Outcomes that are not in the database yet: they wait some milliseconds for company, or for room on the disk.

/// Records that wait to be stored, in the order in which they came.
struct UnsavedRecords {
    /// So long records wait for others, in milliseconds: losing them in a crash repeats a delivery, no more.
    static let linger: Int64 = 10
    /// So many do not wait.
    static let enough = 512
    /// So long after a failure they are tried again, in milliseconds.
    static let pause: Int64 = 1000

    /// The requests.
    private(set) var requests: [RecordRequest] = []
    /// When they are to be stored at the latest, on `uptime`'s clock; nil: there are none.
    private(set) var deadline: Int64?
    /// The disk was full when they were to be stored.
    private(set) var isStalled = false
    private var count = 0

    /// Adds a request.
    mutating func add(_ request: RecordRequest) {
        requests.append(request)
        count += request.records.count + request.unstarted.count
        if deadline == nil { deadline = Self.uptime() + Self.linger }
    }

    /// They should be stored now. `forced`: a transaction is written anyway.
    func isDue(forced: Bool) -> Bool {
        guard let deadline else { return false }
        if isStalled { return Self.uptime() >= deadline }
        return forced || count >= Self.enough || Self.uptime() >= deadline
    }

    /// They could not be stored: try again in a second, and hand nothing out until then.
    mutating func stall() {
        isStalled = true
        deadline = Self.uptime() + Self.pause
    }

    /// Stops waiting.
    mutating func expire() {
        guard !requests.isEmpty else { return }
        deadline = 0
    }

    /// Takes all of them out.
    mutating func takeAll() -> [RecordRequest] {
        defer { self = UnsavedRecords() }
        return requests
    }

    /// Milliseconds on a clock that nobody sets.
    static func uptime() -> Int64 {
        Int64(OutboxWriter.nanoseconds() / 1_000_000)
    }
}
