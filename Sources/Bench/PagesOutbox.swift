// An outbox for the scenario `pages`: deliveries of four plugins in every state, and one object that is rare.
// Failure: what cannot be stored ends the scenario in words.

import Mailbox
import Model
import Outbox

/// A private outbox full of deliveries.
final class PagesOutbox: Sendable {
    /// The folder it is in.
    let directory: String
    /// The plugins' names: all their deliveries ready, waiting, of every outcome, delivered.
    static let plugins = ["ready", "waiting", "mixed", "delivered"]
    /// The object of few events.
    static let rare = String(repeating: "e", count: 64)

    private let outbox = Lock<Outbox?>(nil)
    private let recorded = Lock(0)
    private let failure = Lock<String?>(nil)
    private let waits: PluginNumber
    private let mixes: PluginNumber

    /// Fills a new outbox in `directory` with about `count` deliveries.
    init(directory: String, count: Int, eventSize: Int, progress: @Sendable (String) -> Void) async throws {
        self.directory = directory
        (waits, mixes) = (PluginNumber(2), PluginNumber(3))
        let opened = try Outbox(
            directory: directory, onClaims: { [weak self] in self?.settle($0) },
            onBroken: { [weak self] error in self?.failure.withLock { $0 = "\(error)" } })
        outbox.withLock { $0 = opened }
        let numbers = try await opened.register(Self.plugins).map(\.number).filter { $0 != .mwdb }
        for number in numbers.dropFirst() { opened.addCredit(count, queue: number, order: .oldest) }
        let events = count / numbers.count
        for start in stride(from: 0, to: events, by: 1_000) {
            if start % (max(events, 10) / 10) < 1_000 { progress("pages: \(start * 4) of \(count)") }
            _ = try await opened.append(
                arrivals(start..<min(start + 1_000, events), size: eventSize, plugins: numbers))
        }
        while recorded.withLock({ $0 }) < events * (numbers.count - 1) {
            if let reason = failure.withLock({ $0 }) { throw BenchError(reason) }
            try await Task.sleep(for: .milliseconds(10))
        }
        // Its deliveries stay ready, whatever daemon is started here.
        try await opened.pause(PluginNumber(1), because: "bench")
        opened.close()
        outbox.withLock { $0 = nil }
    }

    private func arrivals(_ numbers: Range<Int>, size: Int, plugins: [PluginNumber]) throws -> [Arrival] {
        let lines = BenchEvents.lines(numbers.count, size: size, type: "on_created_file")
        return try zip(numbers, lines.split(separator: 10)).map { number, line in
            var event = try Event.parse(line: Array(line))
            if number % 50_000 == 7 { event.object = Self.rare }
            return Arrival(event: event, plugins: plugins)
        }
    }

    /// Gives claimed deliveries the outcome of their plugin.
    private func settle(_ claims: [Claim]) {
        let now = Timestamp.systemClock()
        let records = claims.map { claim in
            var attempt = Attempt(
                number: 1, startedAt: now, endedAt: now, status: 202, failure: nil, message: "delivered")
            var change = Record.Change.delivered(extracted: nil, writeBacks: [])
            let isMixed = claim.delivery.plugin == mixes
            if claim.delivery.plugin == waits || (isMixed && claim.delivery.sequence % 4 == 1) {
                (attempt.status, attempt.message) = (503, "503 Service Unavailable")
                change = .retry(at: now + .hours(1), reason: attempt.message)
            } else if isMixed, claim.delivery.sequence % 4 > 1 {
                (attempt.status, attempt.message) = (400, "400 Bad Request")
                change =
                    claim.delivery.sequence % 4 == 2
                    ? .dead(reason: attempt.message) : .held(reason: "no complete answer")
            }
            return Record(
                delivery: claim.delivery, attempt: attempt, change: change, triedFor: .milliseconds(1))
        }
        outbox.withLock { $0 }?.record(records) { [recorded, failure] result in
            switch result {
            case .success: recorded.withLock { $0 += records.count }
            case .failure(let error): failure.withLock { $0 = "\(error)" }
            }
        }
    }
}
