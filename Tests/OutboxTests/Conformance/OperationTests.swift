// What operators do: pause, resume, retry, cancel, hold, pull in, replay.

import Model
import Testing

@testable import Outbox

@Suite("Operations", .timeLimit(.minutes(1)))
struct OperationTests {
    @Test("numbers are given once and kept; what is noted of a plugin survives a restart")
    func plugins() async throws {
        let test = try await TestOutbox()
        let records = try await test.outbox.register(["b", "d", "mwdb", "d"])
        #expect(records.map(\.name) == ["mwdb", "a", "b", "c", "d"])
        #expect(records.map(\.number.rawValue) == [0, 1, 2, 3, 4])
        let later = test.clock.now + .hours(1)
        try await test.outbox.pause(.b, because: "410 Gone")
        try await test.outbox.setNotBefore(.c, later)
        var found = try await test.reopened().outbox.register([])
        #expect(found[2].pausedBecause == "410 Gone" && found[2].resumedAt == nil)
        #expect(found[3].notBefore == later)
        let again = try await TestOutbox()
        try await again.outbox.pause(.b, because: "x")
        try await again.outbox.setNotBefore(.b, later)
        again.clock.advance(.seconds(5))
        try await again.outbox.resume(.b)
        found = try await again.outbox.register([])
        #expect(found[2].pausedBecause == nil && found[2].notBefore == nil)
        #expect(found[2].resumedAt == again.clock.now)
        await #expect(throws: OutboxError.self) {
            try await again.outbox.pause(PluginNumber(99), because: "")
        }
        _ = try await again.append(0..<1)
    }

    @Test("retry by id and by filter, from every state that is not delivered or pending; anew for max_age")
    func retry() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<6)
        let claims = try await test.claim(6)
        let now = test.clock.now
        try await test.record([
            .retry(claims[0], at: now + .hours(1), now: now), .dead(claims[1], now: now), .held(claims[2]),
            .delivered(claims[3], at: now), .dead(claims[4], now: now),
        ])
        let all = claims.map(\.delivery)
        #expect(try await test.outbox.cancel(.ids([all[4]])) == 1)
        #expect(try await test.outbox.retry(.ids([all[0], all[3], all[5], DeliveryID(rawValue: 5)])) == 1)
        let again = try await test.claim(1)[0]
        #expect(again.delivery == all[0] && again.attempts == 1 && again.triedFor == .seconds(0))
        #expect(try await test.outbox.retry(.matching(DeliveryFilter(states: [.dead, .delivered]))) == 1)
        #expect(try await test.outbox.retry(.matching(DeliveryFilter(queue: .b))) == 0)
        #expect(try await test.outbox.retry(.matching(DeliveryFilter(queue: .a))) == 2)
        #expect(Set(try await test.claim(3).map(\.delivery)) == [all[1], all[2], all[4]])
        try await test.expectCountersRight()
    }

    @Test("filters: hook, object, time and status")
    func filters() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<14)
        test.clock.advance(.hours(1))
        var tag = Event.test(14)
        tag.type = "on_created_tag"
        _ = try await test.outbox.append([Arrival(event: tag, plugins: [.a, .b])])
        let claims = try await test.claim(15) + test.claim(1, .b)
        try await test.record(claims.map { .dead($0, now: test.clock.now) })
        let hour = test.clock.now
        func held(_ filter: DeliveryFilter) async throws -> Int {
            let count = try await test.outbox.retry(.matching(filter))
            let back = try await test.outbox.hold(
                .matching(DeliveryFilter(states: [.ready])), because: "again")
            #expect(count == back)
            return count
        }
        #expect(try await held(DeliveryFilter(hook: "on_created_tag")) == 2)
        #expect(try await held(DeliveryFilter(queue: .a, hook: "on_created_tag")) == 1)
        #expect(try await held(DeliveryFilter(object: "object-3")) == 2)
        #expect(try await held(DeliveryFilter(since: hour)) == 2)
        #expect(try await held(DeliveryFilter(until: hour)) == 14)
        #expect(try await held(DeliveryFilter(status: 400)) == 16)
        #expect(try await held(DeliveryFilter(status: 500)) == 0)
        try await test.expectCountersRight()
    }

    @Test("cancelling what is being tried: it stays cancelled, the attempt is kept, no write-back is made")
    func cancelClaimed() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<3)
        let claims = try await test.claim(3)
        try await test.markStarted([claims[2].delivery])
        #expect(try await test.outbox.cancel(.matching(DeliveryFilter(queue: .a))) == 3)
        #expect(try await test.outbox.retry(.ids([claims[0].delivery])) == 0, "its claim is still out")
        try await test.record([
            .delivered(claims[0], at: test.clock.now, writeBacks: [NewWriteBack(task: [1])]),
            .retry(claims[2], at: test.clock.now, now: test.clock.now),
        ])
        test.outbox.release([claims[1].delivery])
        test.outbox.addCredit(5, queue: .a, order: .oldest)
        try await test.expectClaimsRight()
        #expect(test.sink.takeAll().isEmpty)
        let detail = try #require(try await test.reader().delivery(claims[0].delivery))
        #expect(detail.summary.state == .cancelled && detail.attempts.count == 1)
        let plugins = try await test.outbox.register([])
        #expect(plugins[1].counts == [.cancelled: 3])
        #expect(plugins[0].counts == [:])
        #expect(try await test.outbox.retry(.ids(claims.map(\.delivery))) == 3)
        #expect(try await test.sink.next(3).count == 3)
        try await test.expectCountersRight()
    }

    @Test("hold takes ready and waiting ones that nobody is trying")
    func hold() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<5)
        let claims = try await test.claim(2)
        try await test.record([.retry(claims[0], at: test.clock.now + .seconds(9), now: test.clock.now)])
        #expect(try await test.outbox.hold(.matching(DeliveryFilter(queue: .a)), because: "maintenance") == 4)
        #expect(try await test.outbox.register([])[1].counts == [.ready: 1, .held: 4])
        let page = try await test.reader().deliveries(DeliveryFilter(states: [.held]))
        #expect(page.items.allSatisfy { $0.reason == "maintenance" })
        try await test.expectCountersRight()
    }

    @Test("more rows than a slice: every one, while appends go on")
    func slices() async throws {
        let test = try await TestOutbox()
        for start in stride(from: 0, to: 3_500, by: 500) { try await test.append(start..<start + 500) }
        async let held = test.outbox.hold(.matching(DeliveryFilter(queue: .a)), because: "wait")
        async let appended = test.append(10_000..<10_010, to: [.b])
        #expect(try await appended.count == 10)
        #expect(try await held == 3_500)
        #expect(try await test.outbox.retry(.matching(DeliveryFilter(states: [.held]))) == 3_500)
        #expect(try await test.outbox.cancel(.matching(DeliveryFilter(queue: .a, states: [.ready]))) == 3_500)
        try await test.expectCountersRight()
    }

    @Test("pulling in makes later retries due, and leaves earlier ones")
    func pullIn() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<1_200)
        let claims = try await test.claim(1_200)
        let now = test.clock.now
        try await test.record(
            claims.enumerated().map { .retry($1, at: now + ($0 == 0 ? .seconds(1) : .days(400)), now: now) })
        test.outbox.addCredit(2_000, queue: .a, order: .oldest)
        test.outbox.pullIn(queue: .a, latest: now + .seconds(60))
        test.clock.advance(.seconds(1))
        test.outbox.addCredit(0, queue: .a, order: .oldest)
        #expect(try await test.sink.next(1)[0].delivery == claims[0].delivery)
        test.clock.advance(.seconds(59))
        test.outbox.addCredit(0, queue: .a, order: .oldest)
        #expect(
            Set(try await test.sink.next(1_199).map(\.delivery)) == Set(claims.dropFirst().map(\.delivery)))
    }

    @Test("replay: to the same plugin, to another, under a new id; what is pending or gone is left out")
    func replay() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<2)
        try await test.append(2..<3, to: [])
        let claims = try await test.claim(2)
        try await test.record([.delivered(claims[0], at: test.clock.now)])
        let everything = EventSelection.matching(EventFilter())
        #expect(
            try await test.outbox.replay(everything, to: .a, newID: false)
                == ReplayResult(replayed: 1, skipped: 2))
        let again = try await test.claim(1)[0]
        #expect(again.delivery == claims[0].delivery && again.attempts == 1)
        #expect(
            try await test.outbox.replay(.ids([claims[1].eventID, "unknown"]), to: .b, newID: false)
                == ReplayResult(replayed: 1, skipped: 1))
        let other = try await test.claim(1, .b)[0]
        #expect(other.body == claims[1].body && other.eventID == claims[1].eventID)
        #expect(
            try await test.outbox.replay(everything, to: .c, newID: true)
                == ReplayResult(replayed: 2, skipped: 1))
        let fresh = try await test.claim(2, .c)
        #expect(Set(fresh.map(\.eventID)).isDisjoint(with: claims.map(\.eventID)))
        for (copy, original) in zip(fresh, claims) {
            let text = String(decoding: original.body, as: UTF8.self)
            #expect(
                String(decoding: copy.body, as: UTF8.self)
                    == text.replacing(original.eventID, with: copy.eventID))
            #expect(copy.object == original.object && copy.eventType == original.eventType)
        }
        await #expect(throws: OutboxError.self) {
            try await test.outbox.replay(everything, to: PluginNumber(50), newID: false)
        }
        await #expect(throws: OutboxError.self) {
            try await test.outbox.replay(everything, to: .mwdb, newID: false)
        }
        try await test.expectCountersRight()
    }

    @Test("a replay under a new id changes the event's own id, and nothing else that looks like it")
    func newID() async throws {
        let test = try await TestOutbox()
        func dataFirst(_ id: String) -> String {
            #"{"data":{"file":{"id":"x"}},"id":"\#(id)","type":"on_x"}"#
        }
        func twoIDs(_ id: String) -> String {
            #"{"id":"z","i\u0064":"\#(id)","data":{"y":"y"},"type":"on_x"}"#
        }
        for (id, text) in [("x", dataFirst), ("y", twoIDs)] {
            let event = Event(id: id, type: "on_x", actor: nil, object: nil, body: Array(text(id).utf8))
            _ = try await test.outbox.append([Arrival(event: event, plugins: [.a])])
            #expect(try await test.outbox.replay(.ids([id]), to: .b, newID: true).replayed == 1)
            let copy = try await test.claim(1, .b)[0]
            #expect(String(decoding: copy.body, as: UTF8.self) == text(copy.eventID))
        }
    }

    @Test("what is counted before retry, cancel and replay of what is named is what they then do")
    func countNamed() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<4)
        try await test.append(4..<5, to: [])
        let claims = try await test.claim(4)
        let now = test.clock.now
        try await test.record([.delivered(claims[0], at: now), .dead(claims[1], now: now), .held(claims[2])])
        let reader = try test.reader()
        defer { reader.close() }
        let all = claims.map(\.delivery)
        let named = all + [all[1], DeliveryID(rawValue: 5)]
        #expect(try await reader.count(named, in: [.waiting, .held, .dead, .cancelled]) == 2)
        #expect(try await reader.count(named, in: [.delivered]) == 1)
        #expect(try await reader.count([], in: [.delivered]) == 0)
        let unwanted = try #require(try await reader.events().items.first { !$0.isKept }).id
        let events = claims.map(\.eventID) + [claims[1].eventID, "unknown", unwanted]
        for (plugin, newID) in [(PluginNumber.a, false), (.b, false), (.a, true)] {
            let counted = try await reader.countReplayable(events, to: plugin, newID: newID)
            let result = try await test.outbox.replay(.ids(events), to: plugin, newID: newID)
            #expect(counted == Int64(result.replayed), "\(plugin) \(newID)")
        }
        #expect(try await reader.countReplayable(events, to: .a, newID: false) == 0)
    }

    @Test("the audit log")
    func audit() async throws {
        let test = try await TestOutbox()
        for number in 0..<5 {
            try await test.outbox.audit(who: "unix:0", what: "retry", detail: "\(number)")
        }
        let reader = try test.reader()
        let first = try await reader.audit(limit: 3)
        #expect(first.items.map(\.detail) == ["4", "3", "2"])
        #expect(try await reader.audit(after: first.next, limit: 3).items.map(\.detail) == ["1", "0"])
    }
}
