// Claims: order, credit, what a release brings back, and that nothing is handed out twice.

import Model
import Testing

@testable import Outbox

@Suite("Claims", .timeLimit(.minutes(1)))
struct ClaimTests {
    @Test("without credit nothing is handed out; credit is used up one by one, oldest first")
    func credit() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<10)
        try await test.settle()
        #expect(test.sink.takeAll().isEmpty)
        let first = try await test.claim(4)
        #expect(first.map(\.delivery.sequence) == [1, 2, 3, 4])
        test.outbox.addCredit(2, queue: .a, order: .oldest)
        test.outbox.addCredit(1, queue: .a, order: .oldest)
        #expect(try await test.sink.next(3).map(\.delivery.sequence) == [5, 6, 7])
        try await test.settle()
        #expect(test.sink.takeAll().isEmpty)
    }

    @Test("fresh deliveries go out with the commit, in order, up to the credit; the rest when there is more")
    func fresh() async throws {
        let test = try await TestOutbox()
        test.outbox.addCredit(3, queue: .a, order: .oldest)
        try await test.append(0..<5, to: [.a, .b])
        let claims = try await test.sink.next(3)
        #expect(claims.map(\.delivery.sequence) == [1, 2, 3])
        #expect(claims.map(\.eventID) == (0..<3).map { Event.test($0).id })
        #expect(claims.map(\.body) == (0..<3).map { Event.test($0).body })
        #expect(claims.allSatisfy { $0.attempts == 0 && $0.triedFor == .milliseconds(0) && $0.task == nil })
        #expect(claims.allSatisfy { $0.acceptedAt == test.clock.now && $0.updatedAt == test.clock.now })
        try await test.append(5..<6)
        #expect(try await test.claim(3).map(\.delivery.sequence) == [4, 5, 6])
    }

    @Test("what is read back is what was handed out fresh")
    func freshEqualsRead() async throws {
        let test = try await TestOutbox()
        test.outbox.addCredit(1, queue: .a, order: .oldest)
        try await test.append(0..<1)
        let fresh = try await test.sink.next(1)
        test.outbox.release(fresh.map(\.delivery))
        let read = try await test.claim(1)
        #expect("\(fresh)" == "\(read)")
    }

    @Test("a backlog is served before what is fresh")
    func backlogFirst() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<3)
        _ = try await test.claim(1)
        try await test.append(3..<5)
        #expect(try await test.claim(4).map(\.delivery.sequence) == [2, 3, 4, 5])
    }

    @Test("newest first")
    func newest() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<5)
        #expect(try await test.claim(2, order: .newest).map(\.delivery.sequence) == [5, 4])
        try await test.append(5..<7)
        #expect(try await test.claim(4, order: .newest).map(\.delivery.sequence) == [7, 6, 3, 2])
        test.outbox.addCredit(3, queue: .a, order: .newest)
        #expect(try await test.sink.next(1).map(\.delivery.sequence) == [1])
        try await test.append(7..<9)
        #expect(try await test.sink.next(2).map(\.delivery.sequence) == [9, 8])
    }

    @Test("fair serves both ends, and in the end everything once")
    func fair() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<100)
        var seen: [Int64] = []
        seen += try await test.claim(10, order: .fair).map(\.delivery.sequence)
        #expect(seen.filter { $0 > 50 }.sorted() == [96, 97, 98, 99, 100])
        #expect(seen.filter { $0 <= 50 }.sorted() == [1, 2, 3, 4, 5])
        for _ in 0..<4 { seen += try await test.claim(1, order: .fair).map(\.delivery.sequence) }
        #expect(seen.suffix(4).filter { $0 > 50 }.count == 2)
        try await test.append(100..<101)
        #expect(try await test.claim(2, order: .fair).map(\.delivery.sequence).contains(101))
        seen.append(101)
        seen += try await test.claim(85, order: .fair).map(\.delivery.sequence)
        #expect(Set(seen).count >= 100)
    }

    @Test("withdrawn credit hands nothing out")
    func withdraw() async throws {
        let test = try await TestOutbox()
        test.outbox.addCredit(5, queue: .a, order: .oldest)
        test.outbox.withdrawCredit(queue: .a)
        try await test.append(0..<5)
        try await test.settle()
        #expect(test.sink.takeAll().isEmpty)
        #expect(try await test.claim(5).count == 5)
    }

    @Test("released claims come again, each once, in their place")
    func release() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<6)
        let claims = try await test.claim(4)
        test.outbox.release([claims[2].delivery, claims[0].delivery, claims[0].delivery])
        test.outbox.release([DeliveryID(sequence: 999, plugin: .a), DeliveryID(sequence: 1, plugin: .b)])
        #expect(try await test.claim(4).map(\.delivery.sequence) == [1, 3, 5, 6])
        test.outbox.addCredit(1, queue: .a, order: .oldest)
        try await test.settle()
        #expect(test.sink.takeAll().isEmpty)
    }

    @Test("a queue's credit and backlog are its own")
    func queues() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<50, to: [.a, .b])
        let claims = try await test.claim(2, .b)
        #expect(claims.allSatisfy { $0.delivery.plugin == .b })
        test.outbox.addCredit(1, queue: .c, order: .oldest)
        test.outbox.addCredit(1, queue: PluginNumber(77), order: .oldest)
        try await test.append(50..<51, to: [.c])
        #expect(try await test.sink.next(1).map(\.delivery.plugin) == [.c])
        // A number that was never registered has a queue as well, also for the next daemon.
        try await test.append(51..<53, to: [PluginNumber(77)])
        let again = try await test.reopened()
        #expect(try await again.claim(2, PluginNumber(77)).count == 2)
    }

    @Test("a call brings at most 8 MiB, or one event that is larger; the rest follows")
    func bytes() async throws {
        let test = try await TestOutbox()
        let large = (0..<7).map { Arrival(event: .test($0, size: 3 << 20), plugins: [.a]) }
        let huge = Arrival(event: .test(7, size: 12 << 20), plugins: [.a])
        _ = try await test.outbox.append(large + [huge])
        let claims = try await test.claim(8)
        #expect(claims.map(\.delivery.sequence) == Array(1...8))
        #expect(test.sink.batches == [3, 3, 2] || test.sink.batches == [3, 3, 1, 1])
    }

    @Test("a small fresh event does not overtake a large one that has no room in the same call")
    func overtaking() async throws {
        let test = try await TestOutbox()
        test.outbox.addCredit(3, queue: .a, order: .oldest)
        _ = try await test.outbox.append(
            [6 << 20, 6 << 20, 1 << 10].enumerated().map {
                Arrival(event: .test($0, size: $1), plugins: [.a])
            })
        #expect(try await test.sink.next(3).map(\.delivery.sequence) == [1, 2, 3])
    }

    @Test("claims live in memory: a new daemon gets them again")
    func restart() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<3)
        _ = try await test.claim(3)
        let again = try await test.reopened()
        #expect(try await again.claim(3).map(\.delivery.sequence) == [1, 2, 3])
    }

    @Test(
        "thousands of claims and releases at random: never two claims of one delivery, and none is forgotten")
    func random() async throws {
        let test = try await TestOutbox()
        var random = SeededRandom(seed: 7)
        var held: [DeliveryID: Claim] = [:]
        var delivered: Set<Int64> = []
        try await test.append(0..<300)
        for round in 0..<200 {
            let order: ClaimOrder = [.oldest, .newest, .fair][Int.random(in: 0..<3, using: &random)]
            test.outbox.addCredit(Int.random(in: 0..<20, using: &random), queue: .a, order: order)
            if round < 50 { try await test.append(300 + round * 3..<303 + round * 3) }
            try await test.settle()
            for claim in test.sink.takeAll() {
                #expect(held.updateValue(claim, forKey: claim.delivery) == nil)
                #expect(!delivered.contains(claim.delivery.sequence))
            }
            for (delivery, claim) in held.sorted(by: { $0.key < $1.key })
            where Int.random(in: 0..<4, using: &random) == 0 {
                held[delivery] = nil
                if Bool.random(using: &random) {
                    test.outbox.release([delivery])
                } else {
                    delivered.insert(delivery.sequence)
                    test.outbox.record([.delivered(claim, at: test.clock.now)])
                }
            }
        }
        test.outbox.release(Array(held.keys))
        test.outbox.addCredit(1000, queue: .a, order: .fair)
        try await test.settle()
        let rest = Set(test.sink.takeAll().map(\.delivery.sequence))
        #expect(rest.union(delivered) == Set(1...450))
        #expect(rest.isDisjoint(with: delivered))
    }
}
