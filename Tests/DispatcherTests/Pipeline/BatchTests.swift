// Batches through a whole dispatcher: each delivery keeps its own outcome, whatever becomes of its request.

import Mailbox
import Model
import Outbox
import Testing

@testable import Dispatcher

struct BatchTests {
    private let receiver = Receiver()

    private func plugin(_ change: (inout Plugin) -> Void = { _ in }) -> Plugin {
        .at(receiver.url("/b"), name: "b") {
            ($0.batch.count, $0.batch.wait) = (4, .milliseconds(50))
            change(&$0)
        }
    }

    /// Ids of the events in a request that is an array of them.
    private static func ids(_ request: Receiver.Received) -> [String] {
        guard case .array(let events)? = try? JSON.parse(request.body) else { return [] }
        return events.compactMap { $0["id"]?.text }
    }

    @Test func deliveriesGoTogetherInOrder() async throws {
        let daemon = try await Daemon.started([plugin()])
        daemon.spool.put("1.ndjson", (0..<10).map { Sample.file("e\($0)") })
        #expect(receiver.wait { $0.reduce(0) { $0 + Self.ids($1).count } >= 10 })
        let states = try await daemon.stopped()
        #expect(states.count == 10 && states.values.allSatisfy { $0 == .delivered })
        let requests = receiver.received("/b")
        #expect(requests.allSatisfy { (1...4).contains(Self.ids($0).count) && $0.id.hasPrefix("batch-") })
        for request in requests { #expect(Self.ids(request) == Self.ids(request).sorted()) }
        #expect(requests.count < 10)
    }

    @Test func oneBadEventDiesAloneAndTheOthersArrive() async throws {
        receiver.on("/b", .asks { Self.ids($0).contains("e2") ? (400, "e2 is bad") : (200, "") })
        let daemon = try await Daemon.started([plugin()])
        daemon.spool.put("1.ndjson", (0..<4).map { Sample.file("e\($0)") })
        try await daemon.wait("b") { $0.dead == 1 && $0.delivered == 3 }
        let found = try await Daemon.afterwards(daemon)
        #expect(found["e2/b"]?.state == .dead && found["e2/b"]?.attempts == 1)
        #expect(found.filter { $0.value.state == .delivered }.count == 3)
        #expect(receiver.received("/b").last.map(Self.ids)?.count ?? 9 <= 2)
    }

    @Test func itemsHaveTheirOwnOutcomes() async throws {
        let busy = Lock(true)
        receiver.on(
            "/b",
            .asks { request in
                let items = Self.ids(request).map { id -> String in
                    let isBusy = id == "e1" && busy.withLock { $0 }
                    if isBusy { busy.withLock { $0 = false } }
                    return "{\"create\":{\"status\":\(isBusy ? 429 : id == "e3" ? 400 : 201)}}"
                }
                return (200, "{\"items\":[\(items.joined(separator: ","))]}")
            })
        let daemon = try await Daemon.started([plugin { $0.batch.items = "/items" }])
        daemon.spool.put("1.ndjson", (0..<4).map { Sample.file("e\($0)") })
        try await daemon.wait("b") { $0.dead == 1 && $0.delivered == 3 }
        let found = try await Daemon.afterwards(daemon)
        #expect(found["e3/b"]?.state == .dead && found["e1/b"]?.state == .delivered)
        #expect(found["e1/b"]?.attempts == 2 && found["e0/b"]?.attempts == 1)
        let sent = receiver.received("/b").flatMap(Self.ids)
        #expect(
            sent.filter { $0 == "e1" }.count == 2 && sent.count == 5, "only the refused one is sent again")
    }

    @Test func whatMayHaveArrivedIsHeld() async throws {
        receiver.on("/b", .resets)
        let daemon = try await Daemon.started([plugin { $0.onAmbiguous = .hold }])
        daemon.spool.put("1.ndjson", (0..<4).map { Sample.file("e\($0)") })
        _ = receiver.wait(1, "/b")
        try await daemon.wait("b") { $0.failed == 4 }
        let states = try await daemon.stopped()
        #expect(states.count == 4 && states.values.allSatisfy { $0 == .held })
    }

    @Test func aStopGivesBackWhatIsInFlight() async throws {
        let gate = Gate()
        receiver.on("/b", .waits(gate, 200))
        let daemon = try await Daemon.started([plugin()])
        daemon.spool.put("1.ndjson", (0..<4).map { Sample.file("e\($0)") })
        _ = receiver.wait(1, "/b")
        let states = try await daemon.stopped(within: .milliseconds(10))
        gate.open()
        #expect(states.count == 4 && states.values.allSatisfy { $0 == .ready })
    }
}

extension Daemon {
    /// Stops a daemon and says what became of every delivery.
    static func afterwards(_ daemon: Daemon) async throws -> [String: DeliverySummary] {
        await daemon.pipeline.stop(within: .seconds(20))
        return try await summaries(in: daemon.folder)
    }
}
