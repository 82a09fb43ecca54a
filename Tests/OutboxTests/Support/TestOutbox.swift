// An outbox in a directory of its own, with a clock that only the test moves and a sink for what is handed out.
// The conformance tests use nothing but this and the outbox's interface, so that another backend can be put here.

import Glibc
import Mailbox
import Model
import Testing

@testable import Outbox

/// An open outbox under test.
final class TestOutbox: Sendable {
    let directory: TemporaryDirectory
    let clock: TestClock
    let sink = ClaimSink()
    let broken = Signal<OutboxError>()
    private let current: Lock<Outbox>

    /// Opens a new outbox, or the one in `directory`, and registers plugins `a`, `b`, `c` (numbers 1, 2, 3).
    init(
        _ directory: TemporaryDirectory = TemporaryDirectory(), clock: TestClock = TestClock(),
        options: OutboxOptions = OutboxOptions()
    )
        async throws
    {
        self.directory = directory
        self.clock = clock
        let sink = sink
        let broken = broken
        let outbox = try Outbox(
            directory: directory.path, options: options, now: { clock.now }, onClaims: { sink.receive($0) },
            onBroken: { broken.send($0) })
        current = Lock(outbox)
        _ = try await outbox.register(["a", "b", "c"])
    }

    var outbox: Outbox { current.withLock { $0 } }

    /// A reader of the same outbox.
    func reader() throws -> OutboxReader {
        let clock = clock
        return try OutboxReader(directory: directory.path, now: { clock.now })
    }

    /// Closes the outbox and opens it again as a new daemon would.
    func reopened() async throws -> TestOutbox {
        outbox.close()
        return try await TestOutbox(directory, clock: clock)
    }

    /// Returns when everything posted before has been done, stored and handed out.
    func settle() async throws {
        try await record([])
        _ = try await outbox.contentInUse([])
    }

    /// Stores outcomes and returns when they are durable.
    func record(_ records: [Record]) async throws {
        try await withCheckedContinuation { continuation in
            outbox.record(records) { continuation.resume(returning: $0) }
        }.get()
    }

    /// Marks claims started and returns when that is durable.
    func markStarted(_ deliveries: [DeliveryID]) async throws {
        try await withCheckedContinuation { continuation in
            outbox.markStarted(deliveries) { continuation.resume(returning: $0) }
        }.get()
    }

    /// Appends events `from..<to` for `plugins` and answers with their sequences.
    @discardableResult
    func append(_ numbers: Range<Int>, to plugins: [PluginNumber] = [.a]) async throws -> [Int64] {
        let acceptances = try await outbox.append(numbers.map { Arrival(event: .test($0), plugins: plugins) })
        return acceptances.compactMap { acceptance in
            guard case .accepted(let sequence) = acceptance else { return nil }
            return sequence
        }
    }

    /// Gives credit and answers with exactly `count` claims.
    func claim(
        _ count: Int, _ queue: PluginNumber = .a, order: ClaimOrder = .oldest
    ) async throws -> [Claim] {
        outbox.addCredit(count, queue: queue, order: order)
        return try await sink.next(count)
    }

    /// Compares the counters with a count of all deliveries.
    func expectCountersRight(_ location: SourceLocation = #_sourceLocation) async throws {
        let reader = try reader()
        defer { reader.close() }
        var counted: [PluginNumber: [DeliveryState: Int64]] = [:]
        var token: PageToken?
        repeat {
            let page = try await reader.deliveries(after: token, limit: 1000)
            for item in page.items { counted[item.delivery.queue, default: [:]][item.state, default: 0] += 1 }
            token = page.next
        } while token != nil
        for plugin in try await reader.plugins() {
            #expect(
                plugin.counts == counted[plugin.number] ?? [:], "\(plugin.name)", sourceLocation: location)
        }
    }
}

extension TestOutbox {
    /// Compares what the writer believes to be free to claim with its counters and claims.
    func expectClaimsRight(_ location: SourceLocation = #_sourceLocation) async throws {
        try await settle()
        let differences = await withCheckedContinuation { continuation in
            let look = Errand<[String]>(completion: { continuation.resume(returning: $0) }) { writer in
                var differences: [String] = []
                for index in writer.queues.indices {
                    let queue = PluginNumber(Int64(index))
                    for state in [DeliveryState.ready, .waiting] {
                        let claimed = writer.claims.filter {
                            $0.key.queue == queue && $0.value.state == state
                        }.count
                        let stored = writer.counters[queue, .state(state)]
                        let free = state.unclaimed.map { writer.counters[queue, $0] } ?? 0
                        if free != stored - Int64(claimed) {
                            differences.append(
                                "queue \(index) \(state): \(free) free, \(stored) less \(claimed)")
                        }
                    }
                }
                return .success(differences)
            }
            outbox.post(.job(look))
        }
        #expect(try differences.get() == [], sourceLocation: location)
    }
}

extension PluginNumber {
    static let a = PluginNumber(1)
    static let b = PluginNumber(2)
    static let c = PluginNumber(3)
}

extension Event {
    /// Event number `number`, the same each time.
    static func test(_ number: Int, size: Int = 100) -> Event {
        let digits = String(number)
        let id = "01930000-0000-7000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
        var body = Array(#"{"id": "\#(id)", "type": "on_created_file", "n": "#.utf8) + Array(digits.utf8)
        body += [UInt8](repeating: 0x20, count: max(0, size - body.count - 1)) + [0x7d]
        return Event(
            id: id, type: "on_created_file", actor: "admin", object: "object-\(number % 7)", body: body)
    }
}

extension Record {
    /// Delivered at the next attempt.
    static func delivered(
        _ claim: Claim, at moment: Timestamp, extracted: [UInt8]? = nil, writeBacks: [NewWriteBack] = []
    ) -> Record {
        Record(
            delivery: claim.delivery, attempt: .test(claim, at: moment, status: 202),
            change: .delivered(extracted: extracted, writeBacks: writeBacks), triedFor: .milliseconds(0))
    }

    /// To be tried again at `due`.
    static func retry(_ claim: Claim, at due: Timestamp, now: Timestamp) -> Record {
        Record(
            delivery: claim.delivery, attempt: .test(claim, at: now, status: 503),
            change: .retry(at: due, reason: "503 Service Unavailable"), triedFor: .seconds(2))
    }

    /// Given up.
    static func dead(_ claim: Claim, now: Timestamp) -> Record {
        Record(
            delivery: claim.delivery, attempt: .test(claim, at: now, status: 400),
            change: .dead(reason: "400 Bad Request"), triedFor: .seconds(1))
    }

    /// Held.
    static func held(_ claim: Claim) -> Record {
        Record(
            delivery: claim.delivery, attempt: nil, change: .held(reason: "wait"), triedFor: .milliseconds(0))
    }
}

extension Attempt {
    /// The attempt after a claim.
    static func test(_ claim: Claim, at moment: Timestamp, status: Int?) -> Attempt {
        var timings = Timings()
        timings.firstByte = 500
        timings.total = 700
        return Attempt(
            number: claim.attempts + 1, startedAt: moment, endedAt: moment, timings: timings, status: status,
            failure: status == nil ? "timeout" : nil, message: "answer \(status ?? 0)",
            answerHeaders: "server: test",
            answerBody: Array("ok".utf8), remoteAddress: "127.0.0.1:8080")
    }
}

/// Runs SQL on the outbox in `directory`, behind its back.
func sqlite(_ directory: String, _ sql: String) throws {
    let database = try Database<WriterQuery>(path: directory + "/outbox.db", mode: .write)
    try database.execute(sql)
}
