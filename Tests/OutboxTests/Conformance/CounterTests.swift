// The property that start-up and dashboard rely on: counters are what a count would find, whatever happened.

import Model
import Testing

@testable import Outbox

@Suite("Counters", .timeLimit(.minutes(2)))
struct CounterTests {
    @Test(
        "random operations, in bursts and over restarts: the counters equal a recount",
        arguments: [1, 2, 3, 4])
    func random(seed: UInt64) async throws {
        var run = RandomRun(test: try await TestOutbox(), random: SeededRandom(seed: seed))
        for _ in 0..<12 {
            for _ in 0..<15 { try await run.step() }
            try await run.test.settle()
            try await run.test.expectCountersRight()
            try await run.test.expectClaimsRight()
        }
        try await run.restart()
        try await run.drain()
    }
}

/// Random use of an outbox.
private struct RandomRun {
    var test: TestOutbox
    var random: SeededRandom
    private var claims: [Claim] = []
    private var next = 0

    init(test: TestOutbox, random: SeededRandom) {
        self.test = test
        self.random = random
    }

    private mutating func number(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }

    private mutating func takeClaims() -> [Claim] {
        claims += test.sink.takeAll()
        claims.shuffle(using: &random)
        let count = number(claims.count + 1)
        defer { claims.removeFirst(count) }
        return Array(claims.prefix(count))
    }

    mutating func step() async throws {
        let outbox = test.outbox
        let queue = PluginNumber(Int64(number(4)))
        switch number(14) {
        case 0, 1, 2: try await append()
        case 3, 4: outbox.addCredit(number(30), queue: queue, order: [.oldest, .newest, .fair][number(3)])
        case 5, 6, 7: outbox.record(takeClaims().map { record($0) })
        case 8: outbox.release(takeClaims().map(\.delivery))
        case 9:
            let some = takeClaims()
            outbox.markStarted(some.map(\.delivery)) { _ in }
            claims += some
        case 10:
            _ = try await outbox.cancel(
                .matching(DeliveryFilter(queue: queue, object: "object-\(number(7))")))
        case 11:
            _ = try await outbox.retry(
                .matching(DeliveryFilter(queue: queue, states: [.dead, .held, .waiting])))
        case 12:
            test.clock.advance(.hours(Int64(number(40))))
            _ = try await outbox.hold(
                .matching(DeliveryFilter(queue: queue, object: "object-0")), because: "test")
            _ = try await outbox.sweep(retention: .days(2), deadRetention: .days(4))
        default:
            _ = try await outbox.replay(
                .matching(EventFilter(object: "object-\(number(7))")), to: PluginNumber(Int64(1 + number(3))),
                newID: number(4) == 0)
            if number(6) == 0 { try await restart() }
        }
    }

    private mutating func append() async throws {
        let plugins = [[PluginNumber.a], [.a, .b], [.a, .b, .c], []][number(4)]
        // Some ids come again.
        let start = max(0, next - number(5))
        next = start + 1 + number(40)
        _ = try await test.outbox.append((start..<next).map { Arrival(event: .test($0), plugins: plugins) })
    }

    private mutating func record(_ claim: Claim) -> Record {
        let now = test.clock.now
        switch number(5) {
        case 0: return .retry(claim, at: now + .seconds(Int64(number(5000))), now: now)
        case 1: return .dead(claim, now: now)
        case 2: return .held(claim)
        default:
            let count = claim.task == nil ? number(3) : 0
            let writeBacks = (0..<count).map { NewWriteBack(task: [1], dead: $0 == 1 ? "no" : nil) }
            return .delivered(claim, at: now, writeBacks: writeBacks)
        }
    }

    mutating func restart() async throws {
        claims = []
        test = try await test.reopened()
        try await test.expectCountersRight()
        #expect(try await test.outbox.register([]).allSatisfy { $0.counts[.started] == nil })
    }

    /// Everything that is ready or due is handed out exactly once.
    mutating func drain() async throws {
        test.clock.advance(.days(1))
        for number in 0..<4 {
            test.outbox.addCredit(100_000, queue: PluginNumber(Int64(number)), order: .fair)
        }
        for _ in 0..<4 { try await test.settle() }
        let all = test.sink.takeAll().map(\.delivery)
        let plugins = try await test.outbox.register([])
        let pending = plugins.reduce(0) { $0 + ($1.counts[.ready] ?? 0) + ($1.counts[.waiting] ?? 0) }
        #expect(Int64(all.count) == pending)
        #expect(Set(all).count == all.count)
    }
}
