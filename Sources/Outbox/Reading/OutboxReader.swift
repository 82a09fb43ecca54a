// Reads the outbox for commands, API and dashboard, on a thread and a connection of its own, so that a long list
// never delays an append. Every call sees one consistent state.
// Failure: reading never harms what is stored; an error says what could not be read.

import Glibc
import Mailbox
import Model

/// Reads an outbox that a daemon may be using at the same time.
///
/// Lists are paged by position. A page examines a bounded number of rows: with a filter it may hold fewer rows
/// than asked for, or none, and still have a next page.
package final class OutboxReader: Sendable {
    /// Most rows of one page.
    package static let maximumLimit = 1_000

    private let mailbox: Mailbox<Request>
    private let thread: WorkerThread
    private let isClosed = Lock(false)

    private enum Request: Sendable {
        case read(@Sendable (Result<ReadConnection, OutboxError>) -> Void)
        case close
    }

    /// Opens the outbox in `directory` for reading.
    /// - Throws: `.unusable` when there is none, or one with another schema.
    package init(
        directory: String, now: @escaping @Sendable () -> Timestamp = { .systemClock() }
    ) throws(OutboxError) {
        let connection = try ReadConnection(directory: OutboxDirectory(path: directory), clock: now)
        let mailbox = Mailbox<Request>()
        self.mailbox = mailbox
        do {
            thread = try WorkerThread(name: "outbox-reader") { Self.serve(mailbox, connection) }
        } catch {
            throw .unusable("\(error)")
        }
    }

    deinit {
        endPosting()
    }

    /// Events that match, newest first.
    package func events(
        _ filter: EventFilter = EventFilter(), after: PageToken? = nil, limit: Int = 100
    ) async throws(OutboxError) -> Page<EventSummary> {
        try await read { connection throws(OutboxError) in
            try connection.events(filter, below: after?.below, limit: limit)
        }
    }

    /// The event `id` with its deliveries; nil when it is not there.
    package func event(_ id: String) async throws(OutboxError) -> EventDetail? {
        try await read { connection throws(OutboxError) in try connection.event(id) }
    }

    /// Deliveries that match, newest event first.
    package func deliveries(
        _ filter: DeliveryFilter = DeliveryFilter(), after: PageToken? = nil, limit: Int = 100
    ) async throws(OutboxError) -> Page<DeliverySummary> {
        try await read { connection throws(OutboxError) in
            try connection.deliveries(filter, below: after?.below, limit: limit)
        }
    }

    /// The delivery with its event, attempts and siblings; nil when it is not there.
    package func delivery(_ id: DeliveryID) async throws(OutboxError) -> DeliveryDetail? {
        try await read { connection throws(OutboxError) in try connection.delivery(id) }
    }

    /// The delivery called `name`; nil when it is not there.
    package func find(_ name: DeliveryName) async throws(OutboxError) -> DeliveryID? {
        try await read { connection throws(OutboxError) in try connection.find(name) }
    }

    /// All plugins ever known, with the number of their deliveries in each state.
    package func plugins() async throws(OutboxError) -> [PluginRecord] {
        try await read { connection throws(OutboxError) in try connection.plugins() }
    }

    /// When the oldest pending (ready, waiting or started) delivery of `queue` was accepted; nil: none is pending.
    /// Where over 100,000 wait for a retry, it is the oldest of the 100,000 that are due first.
    package func oldestPending(_ queue: PluginNumber) async throws(OutboxError) -> Timestamp? {
        try await read { connection throws(OutboxError) in try connection.oldestPending(queue) }
    }

    /// When the next waiting delivery of `queue` is due; nil: none waits.
    package func nextDue(_ queue: PluginNumber) async throws(OutboxError) -> Timestamp? {
        try await read { connection throws(OutboxError) in try connection.nextDue(queue) }
    }

    /// Pending deliveries by queue and age.
    package func ageTable() async throws(OutboxError) -> AgeTable {
        try await read { connection throws(OutboxError) in try connection.ageTable() }
    }

    /// Bytes used and left.
    package func sizes() async throws(OutboxError) -> OutboxSizes {
        try await read { connection throws(OutboxError) in try connection.sizes() }
    }

    /// The audit log, newest first.
    package func audit(after: PageToken? = nil, limit: Int = 100) async throws(OutboxError) -> Page<
        AuditEntry
    > {
        try await read { connection throws(OutboxError) in
            try connection.audit(below: after?.below, limit: limit)
        }
    }

    /// Operators' jobs, newest first.
    package func jobs(after: PageToken? = nil, limit: Int = 100) async throws(OutboxError) -> Page<JobRecord>
    {
        try await read { connection throws(OutboxError) in
            try connection.jobs(below: after?.below, limit: limit)
        }
    }

    /// The job `id`; nil when it is not there.
    package func job(_ id: Int64) async throws(OutboxError) -> JobRecord? {
        try await read { connection throws(OutboxError) in try connection.job(id) }
    }

    /// The next events with their bytes, oldest first.
    package func export(
        _ filter: EventFilter = EventFilter(), after: PageToken? = nil
    ) async throws(OutboxError) -> ExportPage {
        try await read { connection throws(OutboxError) in try connection.export(filter, after: after?.below)
        }
    }

    /// How many deliveries match, for a moment's look: beyond what is quickly counted, that there are more.
    package func count(_ filter: DeliveryFilter) async throws(OutboxError) -> MatchCount {
        try await read { connection throws(OutboxError) in try connection.count(filter) }
    }

    /// How many events match, for a moment's look: beyond what is quickly counted, that there are more.
    package func count(_ filter: EventFilter) async throws(OutboxError) -> MatchCount {
        try await read { connection throws(OutboxError) in try connection.count(filter) }
    }

    /// How many of these deliveries are in one of `states`; one that is named twice counts once.
    package func count(
        _ deliveries: [DeliveryID], in states: Set<DeliveryState>
    ) async throws(OutboxError) -> Int64 {
        try await read { connection throws(OutboxError) in try connection.count(deliveries, in: states) }
    }

    /// How many events a replay of those called `ids` to `plugin` would deliver: those that are kept and, unless each
    /// becomes a new event, have no pending delivery there.
    package func countReplayable(
        _ ids: [String], to plugin: PluginNumber, newID: Bool
    ) async throws(OutboxError) -> Int64 {
        try await read { connection throws(OutboxError) in
            try connection.countReplayable(ids, to: plugin, newID: newID)
        }
    }

    /// The first sequence whose event was accepted at `moment` or later.
    package func sequence(acceptedFrom moment: Timestamp) async throws(OutboxError) -> Int64 {
        try await read { connection throws(OutboxError) in try connection.sequence(acceptedFrom: moment) }
    }

    /// Ends the thread. Calls after it fail with `.closed`. To be called before the outbox's own `close`.
    package func close() {
        endPosting()
        thread.join()
    }

    private func read<Value: Sendable>(
        _ body: @escaping @Sendable (ReadConnection) throws(OutboxError) -> Value
    ) async throws(OutboxError) -> Value {
        try await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<Value, OutboxError>, Never>) in
            let request = Request.read { connection in
                let result = connection.flatMap { connection in
                    Result { () throws(OutboxError) in
                        try connection.inOneState { () throws(OutboxError) in try body(connection) }
                    }
                }
                continuation.resume(returning: result)
            }
            let isPosted = isClosed.withLock { isClosed in
                if !isClosed { mailbox.post(request) }
                return !isClosed
            }
            if !isPosted { continuation.resume(returning: .failure(.closed)) }
        }.get()
    }

    private static func serve(_ mailbox: Mailbox<Request>, _ connection: ReadConnection) {
        var isClosing = false
        while !isClosing {
            for request in mailbox.wait() {
                switch request {
                case .read(let answer): answer(isClosing ? .failure(.closed) : .success(connection))
                case .close: isClosing = true
                }
            }
        }
    }

    private func endPosting() {
        isClosed.withLock { isClosed in
            if !isClosed { mailbox.post(.close) }
            isClosed = true
        }
    }
}
