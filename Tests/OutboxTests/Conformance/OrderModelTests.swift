// Order under everything that can happen, against a model: random failures, retries, parked deliveries, operations by
// hand, full disks of credit, restarts with outcomes lost, changed orders. Never does anything overtake, and in the end
// everything was tried.

import Model
import Testing

@testable import Outbox

@Suite("Order, at random", .timeLimit(.minutes(2)))
struct OrderModelTests {
    /// What the test knows beside the outbox.
    private struct World {
        /// Pending deliveries that stand in a line, by line.
        var lines: [String: Set<Int64>] = [:]
        var trying: [Int64: Claim] = [:]
        var parked: [Int64: String] = [:]
        var tried: Set<Int64> = []
        var order = DeliveryOrder.object

        func line(_ object: String?) -> String { order == .strict ? "all" : object ?? "none" }

        /// A claim that was handed out must be the first of its line, and alone.
        mutating func claimed(_ claim: Claim, _ seed: UInt64) {
            let sequence = claim.delivery.sequence
            tried.insert(sequence)
            let line = line(claim.object)
            #expect(lines[line]?.contains(sequence) == true, "seed \(seed): \(sequence) is not pending")
            #expect(lines[line]?.min() == sequence, "seed \(seed): \(sequence) overtakes in \(line)")
            #expect(
                !trying.values.contains { self.line($0.object) == line },
                "seed \(seed): two at a time in \(line)")
            trying[sequence] = claim
        }

        mutating func over(_ claim: Claim, parks: Bool) {
            let sequence = claim.delivery.sequence
            trying[sequence] = nil
            lines[line(claim.object)]?.remove(sequence)
            if parks { parked[sequence] = claim.object }
        }

        mutating func add(_ sequence: Int64, _ object: String?) {
            lines[line(object), default: []].insert(sequence)
        }

        /// The same deliveries in the lines of another order.
        mutating func change(_ new: DeliveryOrder, _ objects: [Int64: String]) {
            order = new
            let all = lines.values.flatMap { $0 }
            lines = [:]
            for sequence in all { add(sequence, objects[sequence]) }
        }
    }

    @Test(
        "thousands of steps: no delivery overtakes an earlier one of its object, and none is forgotten",
        arguments: 1...6)
    func random(_ seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        var test = try await TestOutbox()
        var world = World()
        world.order = seed.isMultiple(of: 3) ? .strict : .object
        try await test.put(.a, in: world.order)
        var objects: [Int64: String] = [:]
        var next = 0
        for step in 0..<400 {
            switch Int.random(in: 0..<100, using: &random) {
            case ..<25 where step < 300:
                let count = Int.random(in: 1...6, using: &random)
                let sequences = try await test.append(next..<next + count)
                for (place, sequence) in sequences.enumerated() {
                    objects[sequence] = Event.test(next + place).object
                    world.add(sequence, objects[sequence])
                }
                next += count
            case ..<55:
                test.outbox.addCredit(
                    Int.random(in: 1...8, using: &random), queue: .a,
                    order: [.oldest, .newest, .fair][Int.random(in: 0..<3, using: &random)])
            case ..<85: try await finish(&world, test, &random)
            case ..<90: try await byHand(&world, test, &random)
            case ..<94: test.clock.advance(.seconds(Int64.random(in: 1...40, using: &random)))
            case ..<97:
                // What was being tried is tried again by the next daemon: its outcome is not known.
                world.trying = [:]
                _ = test.sink.takeAll()
                test = try await test.reopened()
            case ..<99:
                test.outbox.release(world.trying.values.map(\.delivery))
                world.trying = [:]
            default:
                giveBack(&world, test)
                let new: DeliveryOrder = world.order == .strict ? .object : .strict
                try await test.put(.a, in: new)
                world.change(new, objects)
            }
            try await test.settle()
            for claim in test.sink.takeAll() { world.claimed(claim, seed) }
        }
        try await drain(&world, test, seed)
        #expect(world.tried.union(world.parked.keys) == Set(objects.keys))
        try await test.expectCountersRight()
        try await test.expectClaimsRight()
    }

    /// As the daemon does it before an operation: nothing is claimed but what is being sent, and nothing will be.
    private func giveBack(_ world: inout World, _ test: TestOutbox) {
        test.outbox.withdrawCredit(queue: .a)
        test.outbox.release(world.trying.values.map(\.delivery))
        world.trying = [:]
    }

    private func finish(_ world: inout World, _ test: TestOutbox, _ random: inout SeededRandom) async throws {
        var records: [Record] = []
        let now = test.clock.now
        for (_, claim) in world.trying.sorted(by: { $0.key < $1.key }) where Bool.random(using: &random) {
            switch Int.random(in: 0..<10, using: &random) {
            case ..<5:
                records.append(.delivered(claim, at: now))
                world.over(claim, parks: false)
            case ..<8:
                records.append(
                    .retry(claim, at: now + .seconds(Int64.random(in: 0...30, using: &random)), now: now))
                world.trying[claim.delivery.sequence] = nil
            case 8:
                records.append(.dead(claim, now: now))
                world.over(claim, parks: true)
            default:
                records.append(.held(claim))
                world.over(claim, parks: true)
            }
        }
        try await test.record(records)
    }

    private func byHand(_ world: inout World, _ test: TestOutbox, _ random: inout SeededRandom) async throws {
        if Bool.random(using: &random),
            let (sequence, object) = world.parked.sorted(by: { $0.key < $1.key }).first
        {
            giveBack(&world, test)
            #expect(try await test.outbox.retry(.ids([DeliveryID(sequence: sequence, plugin: .a)])) == 1)
            world.parked[sequence] = nil
            world.add(sequence, object)
        } else {
            let idle = world.lines.values.flatMap { $0 }.filter { world.trying[$0] == nil }.sorted()
            guard let sequence = idle.randomElement(using: &random) else { return }
            // May be handed out in this very moment: then it is left alone.
            let held = try await test.outbox.hold(
                .ids([DeliveryID(sequence: sequence, plugin: .a)]), because: "by hand")
            guard held == 1 else { return }
            for line in world.lines.keys { world.lines[line]?.remove(sequence) }
            world.parked[sequence] = Event.test(Int(sequence) - 1).object
        }
    }

    /// Everything that still waits is delivered: nothing was forgotten behind what is parked.
    private func drain(_ world: inout World, _ test: TestOutbox, _ seed: UInt64) async throws {
        for _ in 0..<4_000 {
            let now = test.clock.now
            let claims = Array(world.trying.values)
            for claim in claims { world.over(claim, parks: false) }
            try await test.record(claims.map { .delivered($0, at: now) })
            guard world.lines.values.contains(where: { !$0.isEmpty }) else { break }
            test.clock.advance(.seconds(40))
            test.outbox.addCredit(50, queue: .a, order: .oldest)
            try await test.settle()
            for claim in test.sink.takeAll() { world.claimed(claim, seed) }
        }
        let waiting = world.lines.values.flatMap { $0 }
        #expect(waiting.isEmpty, "seed \(seed): something waits for ever")
    }
}
