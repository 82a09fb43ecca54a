// Order: one at a time in the order of events, for one object or for all; what is parked lets the next go on, what is
// to be retried blocks its own line only.

import Model
import Testing

@testable import Outbox

@Suite("Order", .timeLimit(.minutes(1)))
struct OrderTests {
    private func ordered(_ order: DeliveryOrder = .object) async throws -> TestOutbox {
        let test = try await TestOutbox()
        try await test.put(.a, in: order)
        return test
    }

    /// What is handed out when there is credit for much more.
    private func all(_ test: TestOutbox) async throws -> [Claim] {
        test.outbox.addCredit(1000, queue: .a, order: .oldest)
        try await test.settle()
        defer { test.outbox.withdrawCredit(queue: .a) }
        return test.sink.takeAll().sorted { $0.delivery < $1.delivery }
    }

    @Test("one of each object is handed out; the next when its outcome is stored, retries in their time")
    func object() async throws {
        let test = try await ordered()
        try await test.append(0..<21)
        let first = try await all(test)
        #expect(first.map(\.delivery.sequence) == Array(1...7))
        #expect(try await all(test).isEmpty)
        let now = test.clock.now
        try await test.record([
            .delivered(first[0], at: now), .retry(first[1], at: now + .seconds(9), now: now),
            .dead(first[2], now: now), .held(first[3]),
        ])
        let second = try await all(test)
        #expect(second.map(\.delivery.sequence) == [8, 10, 11])
        #expect(second.map(\.object) == [first[0], first[2], first[3]].map(\.object))
        try await test.record(second.map { .delivered($0, at: now) })
        #expect(try await all(test).map(\.delivery.sequence) == [15, 17, 18])
        test.clock.advance(.seconds(9))
        let again = try await all(test)
        #expect(again.map(\.delivery.sequence) == [2])
        #expect(again[0].attempts == 1)
        try await test.record([.delivered(again[0], at: now)])
        #expect(try await all(test).map(\.delivery.sequence) == [9])
        try await test.expectCountersRight()
        try await test.expectClaimsRight()
    }

    @Test("fresh events go out with the commit when nothing of their object is pending, others are blocked")
    func fresh() async throws {
        let test = try await ordered()
        test.outbox.addCredit(20, queue: .a, order: .oldest)
        try await test.append(0..<8)
        let claims = try await test.sink.next(7)
        #expect(claims.map(\.delivery.sequence) == Array(1...7))
        test.outbox.record([.delivered(claims[0], at: test.clock.now)])
        #expect(try await test.sink.next(1).map(\.delivery.sequence) == [8])
    }

    @Test("events without an object wait for nobody, and nobody for them")
    func withoutObject() async throws {
        let test = try await ordered()
        var events = (0..<14).map { Event.test($0) }
        for index in events.indices { events[index].object = nil }
        _ = try await test.outbox.append(events.map { Arrival(event: $0, plugins: [.a]) })
        #expect(try await all(test).count == 14)
    }

    @Test("strict: one of the whole queue, whatever its object; other queues are free")
    func strict() async throws {
        let test = try await ordered(.strict)
        try await test.append(0..<4, to: [.a, .b])
        #expect(try await test.claim(4, .b).count == 4)
        for sequence in 1...4 {
            let claims = try await all(test)
            #expect(claims.map(\.delivery.sequence) == [Int64(sequence)])
            let now = test.clock.now
            if sequence == 2 { try await test.record([.dead(claims[0], now: now)]) }
            if sequence != 2 { try await test.record([.delivered(claims[0], at: now)]) }
        }
        #expect(try await all(test).isEmpty)
    }

    @Test(
        "cancelled and held by hand: the next goes on; a dead one that is retried goes before those that wait"
    )
    func byHand() async throws {
        let test = try await ordered(.strict)
        try await test.append(0..<6)
        let now = test.clock.now
        let first = try await all(test)
        try await test.record([.dead(first[0], now: now)])
        #expect(try await test.outbox.cancel(.ids([DeliveryID(sequence: 2, plugin: .a)])) == 1)
        #expect(
            try await test.outbox.hold(.ids([DeliveryID(sequence: 3, plugin: .a)]), because: "wait") == 1)
        let fourth = try await all(test)
        #expect(fourth.map(\.delivery.sequence) == [4])
        // Being tried: let finish. It fails, and the two go before its next attempt.
        let parked = [1, 3].map { DeliveryID(sequence: $0, plugin: .a) }
        #expect(try await test.outbox.retry(.ids(parked)) == 2)
        #expect(try await all(test).isEmpty)
        try await test.record([.retry(fourth[0], at: now, now: now)])
        var order: [Int64] = []
        while let claim = try await all(test).first {
            order.append(claim.delivery.sequence)
            try await test.record([.delivered(claim, at: now)])
        }
        #expect(order == [1, 3, 4, 5, 6])
        try await test.expectCountersRight()
    }

    @Test("given back untried, what comes late goes first; a replayed event takes its old place")
    func givenBack() async throws {
        let test = try await ordered(.strict)
        try await test.append(0..<2, to: [.b])
        try await test.append(2..<4)
        let claims = try await all(test)
        #expect(claims.map(\.delivery.sequence) == [3])
        let result = try await test.outbox.replay(.ids([Event.test(1).id]), to: .a, newID: false)
        #expect(result.replayed == 1)
        #expect(try await all(test).isEmpty)
        test.outbox.release(claims.map(\.delivery))
        #expect(try await all(test).map(\.delivery.sequence) == [2])
        try await test.expectCountersRight()
        try await test.expectClaimsRight()
    }

    @Test("what was marked started and is held at the next start lets the next go on")
    func started() async throws {
        let test = try await ordered(.strict)
        try await test.append(0..<2)
        let claims = try await all(test)
        try await test.markStarted(claims.map(\.delivery))
        let again = try await test.reopened()
        #expect(try await all(again).map(\.delivery.sequence) == [2])
    }

    @Test("a new daemon knows the order and goes on in it")
    func restart() async throws {
        let test = try await ordered()
        try await test.append(0..<14)
        let claims = try await all(test)
        try await test.record([.delivered(claims[0], at: test.clock.now)])
        let again = try await test.reopened()
        #expect(try await again.outbox.register([]).map(\.order) == [.none, .object, .none, .none])
        #expect(try await all(again).map(\.delivery.sequence) == Array(2...8))
    }

    @Test("the order is changed with a backlog, with deliveries being tried, and back")
    func change() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<21)
        let trying = try await test.claim(9)
        let now = test.clock.now
        try await test.record([.retry(trying[0], at: now + .hours(1), now: now)])
        try await test.put(.a, in: .object)
        // Objects of 2 to 9 are being tried; 1 was to be retried.
        #expect(try await all(test).isEmpty, "its object's second delivery is being tried")
        try await test.record(trying[1...].map { .delivered($0, at: now) })
        #expect(try await all(test).map(\.delivery.sequence) == [1, 10, 11, 12, 13, 14, 16])
        try await test.put(.a, in: .strict)
        #expect(try await all(test).isEmpty)
        try await test.put(.a, in: .none)
        #expect(try await all(test).map(\.delivery.sequence) == [15, 17, 18, 19, 20, 21])
        try await test.expectCountersRight()
        try await test.expectClaimsRight()
    }

    @Test("nothing is handed out between a change and its line-up, not even by the next daemon")
    func lining() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<2)
        try await test.outbox.setOrder(.a, .strict)
        test.outbox.addCredit(5, queue: .a, order: .oldest)
        try await test.append(2..<3)
        try await test.settle()
        #expect(test.sink.takeAll().isEmpty)
        let again = try await test.reopened()
        #expect(try await all(again).isEmpty)
        #expect(try await again.outbox.register([]).map(\.isLiningUp) == [false, true, false, false])
        try await again.outbox.lineUp(.a)
        #expect(try await all(again).map(\.delivery.sequence) == [1])
        #expect(try await again.outbox.register([]).map(\.isLiningUp) == [false, false, false, false])
        try await again.expectCountersRight()
    }

    @Test("many slices: every object's line is right after the change")
    func manySlices() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<3_500)
        try await test.put(.a, in: .object)
        #expect(try await all(test).map(\.delivery.sequence) == Array(1...7))
        try await test.expectCountersRight()
    }

    @Test("what is blocked can be listed and is pending: neither swept nor its content released")
    func pending() async throws {
        let test = try await ordered(.strict)
        let hash = String(repeating: "ab", count: 32)
        _ = try await test.outbox.append([
            Arrival(event: .test(0), plugins: [.a]), Arrival(event: .test(1), plugins: [.a], content: hash),
        ])
        let reader = try test.reader()
        let page = try await reader.deliveries(DeliveryFilter(states: [.blocked]), after: nil, limit: 10)
        reader.close()
        #expect(page.items.map(\.delivery.sequence) == [2])
        #expect(try await test.outbox.contentInUse([hash]) == [hash])
        test.clock.advance(.days(400))
        _ = try await test.outbox.sweep(retention: .days(7), deadRetention: .days(30))
        try await test.record(try await all(test).map { .delivered($0, at: test.clock.now) })
        #expect(try await all(test).map(\.delivery.sequence) == [2])
    }
}

extension TestOutbox {
    /// Changes a queue's order and lines it up.
    func put(_ queue: PluginNumber, in order: DeliveryOrder) async throws {
        try await outbox.setOrder(queue, order)
        try await outbox.lineUp(queue)
    }
}
