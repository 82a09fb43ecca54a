// Credit between a queue and an outbox that behaves like the real one, over random operations: none is lost, so no
// queue starves, and none is doubled, so memory stays bounded. The seeds are fixed.

import Model
import Outbox
import Testing

@testable import Dispatcher

struct QueueCreditTests {
    /// The outbox's side: what waits, the credit it was given, and claims on their way.
    private struct FakeOutbox {
        var ready: [Int64] = []
        var credit = 0
        var onTheirWay: [Int64] = []
        /// Messages of the queue that have not arrived.
        var inbox: [Message] = []

        enum Message {
            case credit(Int), withdraw, release([Int64])
        }

        mutating func receive() {
            guard !inbox.isEmpty else { return }
            switch inbox.removeFirst() {
            case .credit(let count): credit += count
            case .withdraw: credit = 0
            case .release(let ids): ready += ids
            }
        }

        mutating func handOut(atMost limit: Int) {
            let count = min(credit, ready.count, limit)
            onTheirWay += ready.prefix(count)
            ready.removeFirst(count)
            credit -= count
        }
    }

    private struct World {
        static let claim = Claim.of()
        var queue: PluginQueue
        var outbox = FakeOutbox()
        var flying: [Claim] = []
        var now: Int64 = 0
        var done: [Int64] = []
        let plugin: Plugin

        init(_ plugin: Plugin) {
            self.plugin = plugin
            queue = PluginQueue(number: PluginNumber(1), plugin: plugin, record: nil, now: .at(0))
        }

        /// What the dispatch thread does whenever something touched the queue.
        mutating func advance() {
            let closed = queue.takeBack()
            if closed.withdraw { outbox.inbox.append(.withdraw) }
            if !closed.released.isEmpty { outbox.inbox.append(.release(closed.released.map(\.sequence))) }
            flying += queue.start(.at(now))
            let wanted = queue.creditWanted(.at(now))
            if wanted > 0 { outbox.inbox.append(.credit(wanted)) }
        }

        mutating func arrive(_ count: Int) {
            for id in outbox.onTheirWay.prefix(count) {
                var claim = World.claim
                claim.delivery = DeliveryID(sequence: id, plugin: PluginNumber(1))
                queue.offer(claim)
            }
            outbox.onTheirWay.removeFirst(min(count, outbox.onTheirWay.count))
            advance()
        }

        mutating func finish(at index: Int, _ signal: ConcurrencyWindow.Signal?) {
            let claim = flying.remove(at: index)
            queue.finished(claim, signal, now: .at(now), random: 1)
            if case .success? = signal {
                done.append(claim.delivery.sequence)
            } else {
                outbox.inbox.append(.release([claim.delivery.sequence]))
            }
            advance()
        }

        /// Deliveries that the outbox does not have: claimed ones.
        var claimed: Int {
            let releasing = outbox.inbox.reduce(0) { sum, message in
                if case .release(let ids) = message { sum + ids.count } else { sum }
            }
            return total - outbox.ready.count - done.count - releasing
        }

        var total = 0
    }

    @Test(arguments: 1...16)
    func nothingIsLostAndNothingDoubled(_ seed: Int) {
        var chance = SeededGenerator(seed: UInt64(seed) &* 0x9e37_79b9_7f4a_7c15)
        var world = World(
            .named("p") {
                $0.concurrency = [1, 3, 16, 200][seed % 4]
                if seed % 3 == 0 { $0.rate = Rate(count: 5, period: .seconds(10)) }
            })
        world.total = 300
        world.outbox.ready = Array(1...300)
        world.advance()
        for _ in 0..<1500 {
            step(&world, &chance)
            check(world)
        }
        settle(&world)
        #expect(world.done.count == 300, "every delivery was made, so the queue never starved")
        #expect(Set(world.done) == Set(1...300))
        #expect(world.queue.inFlight == 0)
    }

    private func step(_ world: inout World, _ chance: inout SeededGenerator) {
        switch Int.random(in: 0..<100, using: &chance) {
        case 0..<25: world.outbox.receive()
        case 25..<45: world.outbox.handOut(atMost: Int.random(in: 1...20, using: &chance))
        case 45..<65: world.arrive(Int.random(in: 1...20, using: &chance))
        case 65..<85:
            guard !world.flying.isEmpty else { break }
            let index = Int.random(in: 0..<world.flying.count, using: &chance)
            let signals: [ConcurrencyWindow.Signal?] = [
                .success(latency: .milliseconds(5)), .neutral, .congested, .failed, nil,
            ]
            world.finish(at: index, signals.randomElement(using: &chance) ?? nil)
        case 85..<87: world.queue.pause(because: "test")
        case 87..<90: world.queue.resume(now: .at(world.now))
        case 90: world.queue.hold()
        case 91..<93: world.queue.goOn()
        case 93: world.queue.configure(nil, now: .at(world.now))
        case 94: world.queue.configure(world.plugin, now: .at(world.now))
        case 95: _ = world.queue.wait(until: .at(world.now + 3))
        default: world.now += Int64.random(in: 0...5, using: &chance)
        }
        world.advance()
    }

    private func check(_ world: World) {
        let claimed = world.claimed
        #expect(claimed >= 0)
        #expect(world.flying.count == world.queue.inFlight)
        #expect(world.flying.count <= world.plugin.concurrency)
        // In flight, waiting ahead, and once more what was on its way when credit was withdrawn.
        let ahead = min(world.plugin.concurrency, PluginQueue.mostAhead)
        #expect(claimed <= world.plugin.concurrency + 3 * ahead + 3)
    }

    /// Everything is open and every message arrives: the queue must come to its end.
    private func settle(_ world: inout World) {
        world.queue.configure(world.plugin, now: .at(world.now))
        world.queue.resume(now: .at(world.now))
        for _ in 0..<1500 { world.queue.goOn() }
        for _ in 0..<4000 where world.done.count < world.total {
            world.advance()
            while !world.outbox.inbox.isEmpty { world.outbox.receive() }
            world.outbox.handOut(atMost: .max)
            world.arrive(.max)
            while !world.flying.isEmpty { world.finish(at: 0, .success(latency: .milliseconds(5))) }
            world.now += 60
        }
    }
}
