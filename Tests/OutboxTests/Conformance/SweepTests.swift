// The sweep: what goes, what stays, and that ids and numbers are not forgotten too early. Content in use.

import Model
import Testing

@testable import Outbox

@Suite("Sweeping", .timeLimit(.minutes(1)))
struct SweepTests {
    @Test("an event goes when its last outcome is old enough; held, pending and freshly dead ones stay")
    func retention() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<6)
        try await test.append(6..<7, to: [])
        let claims = try await test.claim(6)
        let now = test.clock.now
        try await test.record([
            .delivered(claims[0], at: now), .dead(claims[1], now: now), .held(claims[2]),
            .retry(claims[3], at: now + .days(50), now: now), .delivered(claims[4], at: now + .days(3)),
        ])
        test.clock.advance(.days(8))
        let first = try await test.outbox.sweep(retention: .days(7), deadRetention: .days(30))
        #expect(first == SweepResult(events: 2, stripped: 0, deliveries: 1))
        #expect(try await test.reader().event(Event.test(0).id) == nil)
        test.clock.advance(.days(2))
        #expect(try await test.outbox.sweep(retention: .days(7), deadRetention: .days(30)).events == 1)
        test.clock.advance(.days(20))
        #expect(try await test.outbox.sweep(retention: .days(7), deadRetention: .days(30)).events == 1)
        #expect(try await test.outbox.register([])[1].counts == [.ready: 1, .held: 1, .waiting: 1])
        try await test.expectCountersRight()
    }

    @Test("what a clock that was ahead has dated in the future keeps nothing behind it from going")
    func future() async throws {
        let test = try await TestOutbox()
        test.clock.advance(.days(400))
        try await test.append(0..<2_500, to: [])
        test.clock.advance(.days(-400))
        try await test.append(2_500..<2_510, to: [])
        test.clock.advance(.days(8))
        let result = try await test.outbox.sweep(retention: .days(7), deadRetention: .days(30))
        #expect(result == SweepResult(events: 10, stripped: 0, deliveries: 0))
    }

    @Test("with a short retention the bytes go and the id is remembered for 7 days")
    func ids() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<1)
        try await test.append(1..<2, to: [])
        let claim = try await test.claim(1)[0]
        try await test.record([.delivered(claim, at: test.clock.now)])
        test.clock.advance(.hours(2))
        let result = try await test.outbox.sweep(retention: .hours(1), deadRetention: .hours(1))
        #expect(result == SweepResult(events: 0, stripped: 1, deliveries: 1))
        let event = try #require(try await test.reader().event(claim.eventID))
        #expect(event.body == nil && !event.summary.isKept && event.deliveries.isEmpty)
        var other = Event.test(0)
        other.body[5] ^= 1
        let answers = try await test.outbox.append([
            Arrival(event: .test(0), plugins: [.a]), Arrival(event: other, plugins: [.a]),
            Arrival(event: .test(1), plugins: [.a]),
        ])
        #expect(answers == [.duplicate, .conflict, .duplicate])
        #expect(try await test.outbox.replay(.ids([claim.eventID]), to: .a, newID: false).skipped == 1)
        test.clock.advance(.days(7))
        #expect(try await test.outbox.sweep(retention: .hours(1), deadRetention: .hours(1)).events == 2)
        #expect(try await test.append(0..<1) == [3])
    }

    @Test("numbers are not given out again, though everything was swept")
    func sequences() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<5, to: [])
        test.clock.advance(.days(8))
        #expect(try await test.outbox.sweep(retention: .days(7), deadRetention: .days(30)).events == 5)
        let again = try await test.reopened()
        #expect(try await again.append(5..<6) == [6])
    }

    @Test("more events than a slice, with attempts and write-backs; nothing is left of them")
    func slices() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<700, to: [.a, .b])
        let claims = try await test.claim(700) + test.claim(700, .b)
        let now = test.clock.now
        try await test.record(
            claims.map { .delivered($0, at: now, writeBacks: [NewWriteBack(task: [1], dead: "no value")]) })
        test.clock.advance(.days(31))
        try await test.append(700..<701)
        let result = try await test.outbox.sweep(retention: .days(7), deadRetention: .days(30))
        #expect(result == SweepResult(events: 700, stripped: 0, deliveries: 2_800))
        try await test.expectCountersRight()
        let reader = try test.reader()
        #expect(try await reader.deliveries().items.count == 1)
        #expect(try await reader.delivery(claims[0].delivery) == nil)
    }

    @Test("what is claimed is not swept from under its claim")
    func claimed() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<1)
        let claim = try await test.claim(1)[0]
        _ = try await test.outbox.cancel(.ids([claim.delivery]))
        test.clock.advance(.days(40))
        #expect(try await test.outbox.sweep(retention: .days(7), deadRetention: .days(30)).events == 0)
        test.outbox.release([claim.delivery])
        #expect(try await test.outbox.sweep(retention: .days(7), deadRetention: .days(30)).events == 1)
    }

    @Test("content is in use while a delivery of its event is pending or held; write-backs do not need it")
    func content() async throws {
        let test = try await TestOutbox()
        let hashes = (0..<4).map { String(repeating: "\($0)", count: 64) }
        for (number, hash) in hashes.enumerated() {
            _ = try await test.outbox.append([
                Arrival(event: .test(number), plugins: [.a, .b], content: hash)
            ])
        }
        _ = try await test.outbox.append([Arrival(event: .test(9), plugins: [.a], content: hashes[0])])
        #expect(try await test.outbox.contentInUse(hashes + ["f"]) == Set(hashes))
        let claims = try await test.claim(5) + test.claim(4, .b)
        let now = test.clock.now
        let held = claims[1].delivery
        try await test.record(
            claims.map { claim in
                claim.delivery == held
                    ? .held(claim)
                    : .delivered(claim, at: now, writeBacks: [NewWriteBack(task: [1])])
            })
        #expect(try await test.outbox.contentInUse(hashes) == [hashes[1]])
        #expect(try await test.outbox.cancel(.ids([held])) == 1)
        #expect(try await test.outbox.contentInUse(hashes).isEmpty)
        #expect(try await test.outbox.replay(.ids([Event.test(9).id]), to: .a, newID: false).replayed == 1)
        #expect(try await test.outbox.contentInUse(hashes) == [hashes[0]])
    }
}
