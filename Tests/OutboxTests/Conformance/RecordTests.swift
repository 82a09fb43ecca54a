// Outcomes: each change, its attempt and its write-backs; retries at their time; marks before the first byte.

import Model
import Testing

@testable import Outbox

@Suite("Recording", .timeLimit(.minutes(1)))
struct RecordTests {
    @Test("each outcome leads to its state, keeps its attempt, and ends the claim")
    func outcomes() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<4)
        let claims = try await test.claim(4)
        test.clock.advance(.seconds(3))
        let now = test.clock.now
        try await test.record([
            .delivered(claims[0], at: now, extracted: Array(#"{"task":"7"}"#.utf8)),
            .retry(claims[1], at: now + .seconds(10), now: now), .dead(claims[2], now: now), .held(claims[3]),
        ])
        let reader = try test.reader()
        var details: [DeliveryDetail] = []
        for claim in claims { details.append(try #require(try await reader.delivery(claim.delivery))) }
        #expect(details.map(\.summary.state) == [.delivered, .waiting, .dead, .held])
        #expect(details.map(\.summary.reason) == [nil, "503 Service Unavailable", "400 Bad Request", "wait"])
        #expect(details.map(\.summary.attempts) == [1, 1, 1, 0])
        #expect(details.map(\.summary.due) == [nil, now + .seconds(10), nil, nil])
        #expect(details.map(\.summary.status) == [202, 503, 400, nil])
        #expect(details.map(\.summary.triedFor) == [0, 2, 1, 0].map { .seconds($0) })
        #expect(details[0].extracted == Array(#"{"task":"7"}"#.utf8))
        #expect(details[0].attempts == [.test(claims[0], at: now, status: 202)])
        #expect(details[3].attempts == [])
        try await test.expectCountersRight()
        #expect(
            try await test.outbox.register([])[1].counts == [.delivered: 1, .waiting: 1, .dead: 1, .held: 1])
        test.outbox.addCredit(4, queue: .a, order: .oldest)
        try await test.settle()
        #expect(test.sink.takeAll().isEmpty)
    }

    @Test("a retry comes back when it is due and not before, with what was tried so far")
    func retry() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<2)
        let claims = try await test.claim(2)
        let now = test.clock.now
        try await test.record([
            .retry(claims[0], at: now + .seconds(60), now: now),
            .retry(claims[1], at: now + .seconds(30), now: now),
        ])
        test.outbox.addCredit(5, queue: .a, order: .oldest)
        test.clock.advance(.milliseconds(29_999))
        test.outbox.addCredit(0, queue: .a, order: .oldest)
        try await test.settle()
        #expect(test.sink.takeAll().isEmpty)
        test.clock.advance(.milliseconds(1))
        test.outbox.addCredit(0, queue: .a, order: .oldest)
        let again = try await test.sink.next(1)[0]
        #expect(again.delivery == claims[1].delivery)
        #expect(again.attempts == 1 && again.triedFor == .seconds(2) && again.updatedAt == now)
        test.clock.advance(.seconds(30))
        test.outbox.addCredit(0, queue: .a, order: .oldest)
        #expect(try await test.sink.next(1)[0].delivery == claims[0].delivery)
    }

    @Test("the outbox wakes by itself when a retry is due")
    func wakes() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<1)
        let claim = try await test.claim(1)[0]
        test.outbox.addCredit(1, queue: .a, order: .oldest)
        // The outbox sleeps for what is left by the clock it was given, which then has gone on.
        try await test.record([.retry(claim, at: test.clock.now + .milliseconds(20), now: test.clock.now)])
        test.clock.advance(.milliseconds(20))
        #expect(try await test.sink.next(1)[0].delivery == claim.delivery)
    }

    @Test(
        "a retry that is due before those known so far, and one that is due in the past, are not overlooked")
    func earlier() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<3)
        let claims = try await test.claim(3)
        let start = test.clock.now
        try await test.record([.retry(claims[0], at: start + .seconds(60), now: start)])
        test.outbox.addCredit(3, queue: .a, order: .oldest)
        try await test.settle()
        try await test.record([.retry(claims[1], at: start + .seconds(5), now: start)])
        test.clock.advance(.seconds(5))
        test.outbox.addCredit(0, queue: .a, order: .oldest)
        #expect(try await test.sink.next(1)[0].delivery == claims[1].delivery)
        test.clock.advance(.seconds(55))
        test.outbox.addCredit(0, queue: .a, order: .oldest)
        #expect(try await test.sink.next(1)[0].delivery == claims[0].delivery)
        try await test.record([.retry(claims[2], at: start + .seconds(30), now: start)])
        test.outbox.addCredit(0, queue: .a, order: .oldest)
        #expect(try await test.sink.next(1)[0].delivery == claims[2].delivery)
    }

    @Test("a released retry stays a retry")
    func releasedRetry() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<1)
        let claim = try await test.claim(1)[0]
        try await test.record([.retry(claim, at: test.clock.now + .seconds(1), now: test.clock.now)])
        test.clock.advance(.seconds(1))
        for _ in 0..<3 {
            let again = try await test.claim(1)
            #expect(again[0].attempts == 1)
            test.outbox.release(again.map(\.delivery))
        }
        try await test.settle()
        #expect(try await test.outbox.register([])[1].counts == [.waiting: 1])
        try await test.expectCountersRight()
    }

    @Test("due retries and a backlog are served in turn, so that neither waits for the other's end")
    func turns() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<40)
        let first = try await test.claim(20)
        let now = test.clock.now
        try await test.record(first.map { .retry($0, at: now + .seconds(1), now: now) })
        test.clock.advance(.seconds(1))
        let mixed = try await test.claim(10)
        #expect(mixed.filter { $0.attempts == 1 }.count == 5)
        var single: [Claim] = []
        for _ in 0..<4 { single += try await test.claim(1) }
        #expect(single.filter { $0.attempts == 1 }.count == 2)
        #expect(try await test.claim(26).count == 26)
    }

    @Test("write-backs become deliveries of MWDB's queue in the same transaction, dead ones too")
    func writeBacks() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<1, to: [.b])
        let claim = try await test.claim(1, .b)[0]
        test.outbox.addCredit(5, queue: .mwdb, order: .oldest)
        try await test.record([
            .delivered(
                claim, at: test.clock.now,
                writeBacks: [
                    NewWriteBack(task: [1]), NewWriteBack(task: [2], dead: "no such value"),
                    NewWriteBack(task: [3]),
                ])
        ])
        let writeBacks = try await test.sink.next(2)
        #expect(writeBacks.map(\.task) == [[1], [3]])
        #expect(writeBacks.map(\.delivery.step) == [1, 3])
        #expect(writeBacks.allSatisfy { $0.delivery.queue == .mwdb && $0.delivery.plugin == .b })
        #expect(writeBacks.allSatisfy { $0.eventID == claim.eventID && $0.body == claim.body })
        let plugins = try await test.outbox.register([])
        #expect(plugins[0].counts == [.ready: 2, .dead: 1])
        #expect(plugins[2].counts == [.delivered: 1])
        // Delivered once more: its write-backs take further steps, and nothing is overwritten.
        #expect(try await test.outbox.replay(.ids([claim.eventID]), to: .b, newID: false).replayed == 1)
        let again = try await test.claim(1, .b)[0]
        try await test.record([.delivered(again, at: test.clock.now, writeBacks: [NewWriteBack(task: [4])])])
        #expect(try await test.sink.next(1).map(\.delivery.step) == [4])
        try await test.expectCountersRight()
    }

    @Test("write-backs after the 255th step have no room and are dropped with nothing else")
    func steps() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<1)
        let claim = try await test.claim(1)[0]
        let writeBacks = (0..<300).map { NewWriteBack(task: [UInt8($0 % 256)]) }
        try await test.record([.delivered(claim, at: test.clock.now, writeBacks: writeBacks)])
        #expect(try await test.outbox.register([])[0].counts == [.ready: 255])
        try await test.expectCountersRight()
    }

    @Test(
        "a record of a delivery that is over keeps the attempt and changes nothing else; one of none does nothing"
    )
    func lateRecords() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<1)
        let claim = try await test.claim(1)[0]
        let now = test.clock.now
        test.outbox.record([.delivered(claim, at: now)])
        test.outbox.record([.retry(claim, at: now + .seconds(1), now: now)])
        try await test.record([.retry(claim, at: now + .seconds(1), now: now)])
        let ghost = Claim(
            delivery: DeliveryID(sequence: 99, plugin: .a), attempts: 0, triedFor: .seconds(0),
            updatedAt: now,
            acceptedAt: now, eventID: "", eventType: "", object: nil, body: [], task: nil)
        try await test.record([.dead(ghost, now: now)])
        #expect(try await test.outbox.register([])[1].counts == [.delivered: 1])
        try await test.expectCountersRight()
    }

    @Test("marked started: durable, held by the next daemon, otherwise recorded or released as any other")
    func started() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<4)
        let claims = try await test.claim(4)
        try await test.markStarted(claims.map(\.delivery))
        #expect(try await test.outbox.register([])[1].counts == [.started: 4])
        try await test.record([.delivered(claims[0], at: test.clock.now)])
        test.outbox.release([claims[1].delivery])
        #expect(try await test.claim(1).map(\.delivery) == [claims[1].delivery])
        try await test.markStarted([claims[1].delivery, DeliveryID(sequence: 50, plugin: .a)])
        let again = try await test.reopened()
        #expect(try await again.outbox.register([])[1].counts == [.delivered: 1, .held: 3])
        let held = try await again.reader().delivery(claims[2].delivery)
        #expect(held?.summary.reason == OutboxWriter.interrupted)
        #expect(try await again.outbox.retry(.ids([claims[2].delivery])) == 1)
        #expect(try await again.claim(1).map(\.delivery) == [claims[2].delivery])
        try await again.expectCountersRight()
    }

    @Test("a mark and its release posted in one breath leave the delivery ready")
    func startedAndReleased() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<1)
        let claim = try await test.claim(1)[0]
        test.outbox.markStarted([claim.delivery]) { _ in }
        test.outbox.release([claim.delivery])
        test.outbox.release([claim.delivery])
        #expect(try await test.claim(1).map(\.delivery) == [claim.delivery])
        #expect(try await test.outbox.register([])[1].counts == [.ready: 1])
        try await test.expectCountersRight()
    }

    @Test("records alone wait for company a moment, and are stored all the same")
    func linger() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<600)
        let claims = try await test.claim(600)
        for claim in claims.prefix(20) { test.outbox.record([.delivered(claim, at: test.clock.now)]) }
        try await test.record(claims.dropFirst(20).map { .delivered($0, at: test.clock.now) })
        #expect(try await test.outbox.register([])[1].counts == [.delivered: 600])
    }
}
