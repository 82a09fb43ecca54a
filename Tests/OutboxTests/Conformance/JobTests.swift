// Operators' jobs: each delivery once, wherever it is broken off; stopped, resumed, kept over restarts.

import Model
import Testing

@testable import Outbox

@Suite("Jobs", .timeLimit(.minutes(1)))
struct JobTests {
    /// Deliveries `0..<count` of plugin a, all dead.
    private func dead(_ count: Int, _ test: TestOutbox) async throws -> [Claim] {
        try await test.append(0..<count)
        let claims = try await test.claim(count)
        try await test.record(claims.map { .dead($0, now: test.clock.now) })
        test.clock.advance(.seconds(1))
        return claims
    }

    private func retryAll(_ test: TestOutbox, _ filter: DeliveryFilter = DeliveryFilter()) async throws
        -> JobRecord
    {
        try await test.outbox.addJob(.retry(filter), rate: "5/s", who: "unix:0")
    }

    @Test(
        "a retry makes each delivery ready once, over restarts, though they die again behind it and before it"
    )
    func retryOnce() async throws {
        var test = try await TestOutbox()
        let claims = try await dead(50, test)
        try await test.record([.held(claims[7])])
        var job = try await retryAll(test)
        #expect(job.total == 50 && job.state == .running && job.rate == "5/s")
        var tried: [DeliveryID] = []
        while job.state == .running {
            let done = job.done
            job = try #require(try await test.outbox.advanceJob(job.id, by: 7))
            #expect(job.done - done <= 7)
            let again = try await test.claim(Int(job.done - done))
            tried += again.map(\.delivery)
            // Each dies in another way, so that it turns up in every state that the walk still comes to.
            try await test.record(
                again.enumerated().map { place, claim in
                    place % 2 == 0
                        ? .retry(claim, at: test.clock.now + .hours(1), now: test.clock.now)
                        : .dead(claim, now: test.clock.now)
                })
            test = try await test.reopened()
        }
        #expect(tried.count == 50 && Set(tried) == Set(claims.map(\.delivery)))
        #expect(job.state == .done && job.done == 50)
        try await test.expectCountersRight()
    }

    @Test("a filter that finds few is walked through in slices, and counts what it looked at")
    func filtered() async throws {
        let test = try await TestOutbox()
        let claims = try await dead(14, test)
        var job = try await retryAll(test, DeliveryFilter(queue: .a, states: [.dead], object: "object-3"))
        job = try #require(try await test.outbox.advanceJob(job.id, by: 1))
        #expect(job.done == 1 && job.examined == 4)
        job = try #require(try await test.outbox.advanceJob(job.id, by: 9))
        job = try #require(try await test.outbox.advanceJob(job.id, by: 9))
        #expect(job.state == .done && job.done == 2 && job.examined == 14 && job.skipped == 0)
        #expect(Set(try await test.claim(2).map(\.delivery)) == [claims[3].delivery, claims[10].delivery])
    }

    @Test(
        "a cancel calls off one queue after the other, each delivery once, over restarts, and nothing that came later"
    )
    func cancelOnce() async throws {
        var test = try await TestOutbox()
        try await test.append(0..<20, to: [.a, .c])
        let claims = try await test.claim(4, .a)
        let now = test.clock.now
        try await test.record([
            .delivered(claims[0], at: now), .dead(claims[1], now: now),
            .retry(claims[2], at: now + .hours(1), now: now), .held(claims[3]),
        ])
        var job = try await test.outbox.addJob(.cancel(DeliveryFilter(), last: .max), rate: nil, who: "x")
        #expect(job.total == 39)
        try await test.append(20..<22, to: [.a, .b, .c])
        while job.state == .running {
            let (queue, done) = (try #require(job.cancelledQueue), job.done)
            let before = try await cancelled(test)
            job = try #require(try await test.outbox.advanceJob(job.id, by: 7))
            #expect(job.done - done <= 7)
            let changed = try await cancelled(test).subtracting(before)
            #expect(Int64(changed.count) == job.done - done)
            #expect(changed.allSatisfy { $0.queue == queue }, "only what is held meanwhile")
            test = try await test.reopened()
        }
        #expect(job.done == 39 && job.skipped == 0)
        #expect(try await test.claim(2, .a).map(\.delivery.sequence) == [21, 22])
        #expect(try await test.claim(2, .c).count == 2)
        try await test.expectCountersRight()
    }

    @Test("a cancel by a filter leaves the others, and calls off what is being tried")
    func cancelSome() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<14, to: [.a, .b])
        let claims = try await test.claim(4, .a)
        let filter = DeliveryFilter(queue: .a, object: "object-3")
        let job = try await test.outbox.addJob(.cancel(filter, last: .max), rate: nil, who: "x")
        #expect(job.cancelledQueue == .a)
        #expect(try await test.outbox.advanceJob(job.id, by: 99)?.done == 2)
        #expect(try await test.outbox.advanceJob(job.id, by: 99)?.state == .done)
        #expect(
            try await cancelled(test) == [
                claims[3].delivery, DeliveryID(sequence: 11, plugin: .a),
            ])
        try await test.record(claims.map { .delivered($0, at: test.clock.now) })
        #expect(try await cancelled(test).count == 2, "whatever comes of the attempt")
        #expect(try await retryAll(test).cancelledQueue == nil)
    }

    private func cancelled(_ test: TestOutbox) async throws -> Set<DeliveryID> {
        let reader = try test.reader()
        defer { reader.close() }
        return Set(try await reader.deliveries(DeliveryFilter(states: [.cancelled])).items.map(\.delivery))
    }

    @Test("a replay under new ids makes each copy once, though it is broken off after every slice")
    func replayOnce() async throws {
        var test = try await TestOutbox()
        try await test.append(0..<20, to: [.b])
        let order = ReplayOrder(filter: EventFilter(), plugin: .a, newID: true, after: 5, last: .max)
        var job = try await test.outbox.addJob(.replay(order), rate: nil, who: "x")
        #expect(job.total == 15)
        while job.state == .running {
            job = try #require(try await test.outbox.advanceJob(job.id, by: 4))
            test = try await test.reopened()
        }
        #expect(job.done == 15 && job.examined == 15)
        let copies = try await test.claim(15)
        #expect(Set(copies.map(\.eventID)).count == 15)
        await #expect(throws: OutboxError.self) {
            let wrong = ReplayOrder(filter: EventFilter(), plugin: .mwdb, newID: false, after: 0, last: 1)
            _ = try await test.outbox.addJob(.replay(wrong), rate: nil, who: "x")
        }
    }

    @Test("a replay passes over what is pending or no longer kept")
    func replaySkips() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<2)
        try await test.append(2..<3, to: [])
        let claims = try await test.claim(2)
        try await test.record([.delivered(claims[0], at: test.clock.now)])
        let order = ReplayOrder(filter: EventFilter(), plugin: .a, newID: false, after: 0, last: .max)
        let job = try await test.outbox.addJob(.replay(order), rate: nil, who: "x")
        let after = try #require(try await test.outbox.advanceJob(job.id, by: 100))
        #expect(after.done == 1 && after.skipped == 2)
        #expect(try await test.outbox.advanceJob(job.id, by: 100)?.state == .done)
    }

    @Test(
        "a backfill's events are stored together with the place where it goes on; known ones are passed over")
    func backfill() async throws {
        let test = try await TestOutbox()
        try await test.append(1..<2, to: [.b])
        let order = BackfillOrder(query: "tag:x", plugin: .a, hook: nil)
        var job = try await test.outbox.addJob(.backfill(order), rate: nil, who: "x", total: 3)
        let arrivals = (0..<3).map { Arrival(event: .test($0), plugins: [.a]) }
        job = try #require(
            try await test.outbox.advanceJob(
                job.id, with: arrivals, examined: 4, position: "p q", isLast: false))
        #expect(job.done == 2 && job.skipped == 2 && job.examined == 4 && job.position == "p q")
        _ = try await test.outbox.setJob(job.id, .stopped)
        let late = try #require(
            try await test.outbox.advanceJob(
                job.id, with: [Arrival(event: .test(9), plugins: [.a])], examined: 1, position: "r",
                isLast: true))
        #expect(late.state == .stopped && late.position == "p q")
        let again = try await test.reopened()
        #expect(try await again.outbox.setJob(job.id, .running)?.order == .backfill(order))
        #expect(
            try await again.outbox.advanceJob(job.id, with: [], examined: 0, position: "p q", isLast: true)?
                .state
                == .done)
        #expect(try await again.claim(2).count == 2)
        #expect(try await again.reader().event(Event.test(9).id) == nil)
    }

    @Test("stopped jobs do nothing, resumed ones go on, done ones stay done, and what keeps one is noted")
    func states() async throws {
        let test = try await TestOutbox()
        _ = try await dead(3, test)
        let job = try await retryAll(test)
        #expect(try await test.outbox.advanceJob(job.id, by: 1)?.done == 1)
        #expect(try await test.outbox.setJob(job.id, .stopped)?.state == .stopped)
        #expect(try await test.outbox.advanceJob(job.id, by: 1)?.done == 1)
        #expect(try await test.outbox.setJob(job.id, .running, problem: "late")?.state == .stopped)
        #expect(try await test.outbox.runningJobs() == [])
        #expect(try await test.outbox.setJob(job.id, .failed, problem: "x")?.problem == nil, "it is stopped")
        #expect(try await test.outbox.setJob(job.id, .running)?.state == .running)
        #expect(try await test.outbox.setJob(job.id, .failed, problem: "no key")?.problem == "no key")
        #expect(try await test.outbox.setJob(job.id, .running)?.problem == nil)
        #expect(try await test.outbox.runningJobs().map(\.id) == [job.id])
        _ = try await test.outbox.advanceJob(job.id, by: 9)
        #expect(try await test.outbox.advanceJob(job.id, by: 9)?.state == .done)
        #expect(try await test.outbox.setJob(job.id, .running)?.state == .done)
        #expect(try await test.outbox.setJob(99, .stopped) == nil)
        #expect(try await test.outbox.advanceJob(99, by: 1) == nil)
        let page = try await test.reader().jobs(limit: 1)
        #expect(page.items.map(\.state) == [.done])
        #expect(try await test.reader().jobs(after: page.next, limit: 1).items == [])
    }

    @Test("orders read back as they were stored; an unknown one of a newer version is kept and does nothing")
    func stored() throws {
        let moment = Timestamp(milliseconds: 5)
        let hostile = "\"\\\u{0}\u{202e}'; DROP"
        let orders: [JobOrder] = [
            .retry(
                DeliveryFilter(
                    queue: .b, states: [.held, .dead], hook: "h", object: hostile, since: moment,
                    until: moment,
                    status: 404)), .retry(DeliveryFilter()),
            .cancel(DeliveryFilter(queue: .a, states: [.ready], object: hostile), last: 7),
            .cancel(DeliveryFilter(), last: .max),
            .replay(
                ReplayOrder(
                    filter: EventFilter(hook: hostile, since: moment), plugin: .c, newID: true, after: 1,
                    last: 2)),
            .backfill(BackfillOrder(query: hostile, plugin: .a, hook: nil)),
        ]
        for order in orders { #expect(JobOrder(stored: order.stored) == order) }
        #expect(JobOrder(stored: #"{"kind":"later"}"#) == nil)
        #expect(JobOrder(stored: #"{"kind":"cancel","states":[]}"#) == nil, "it has no end")
        #expect(JobOrder(stored: "") == nil)
        let position = DeliveryWalk.Position("3 4 5")
        #expect(position.description == "3 4 5")
        #expect(DeliveryWalk.Position("x") == DeliveryWalk.Position())
        #expect(CancelPosition("2 3 4 5").description == "2 3 4 5")
        #expect(CancelPosition("").description == CancelPosition(.mwdb).description)
    }

    @Test("counting: by the counters where that is all, row by row with an end otherwise")
    func counts() async throws {
        let test = try await TestOutbox()
        _ = try await dead(14, test)
        let reader = try test.reader()
        #expect(
            try await reader.count(DeliveryFilter(queue: .a, states: [.dead, .held]))
                == MatchCount(matched: 14, hasMore: false))
        #expect(
            try await reader.count(DeliveryFilter(states: [.dead], object: "object-3"))
                == MatchCount(matched: 2, hasMore: false))
        #expect(
            try await reader.count(EventFilter(object: "object-3")) == MatchCount(matched: 2, hasMore: false))
    }

    @Test("an export has the bytes of what is kept, oldest first")
    func export() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<3)
        try await test.append(3..<4, to: [])
        let expected = (0..<3).reduce(into: [UInt8]()) { $0 += Event.test($1).body + [10] }
        let page = try await test.reader().export()
        #expect(page.lines == expected && page.next == nil)
        let one = try await test.reader().export(EventFilter(object: "object-1"))
        #expect(one.lines == Event.test(1).body + [10])
        #expect(try await test.reader().export(after: PageToken(below: 2)).lines == Event.test(2).body + [10])
        #expect(try await test.reader().export(EventFilter(until: test.clock.now)).lines == [])
    }
}
