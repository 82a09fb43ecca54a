// Appending: order, ids that come again, all or nothing.

import Dispatch
import Mailbox
import Model
import Testing

@testable import Outbox

@Suite("Appending", .timeLimit(.minutes(1)))
struct AppendTests {
    @Test("events get rising places and one delivery for each plugin")
    func places() async throws {
        let test = try await TestOutbox()
        let first = try await test.append(0..<3, to: [.a, .b])
        let second = try await test.append(3..<5, to: [])
        #expect(first == [1, 2, 3])
        #expect(second == [4, 5])
        let plugins = try await test.outbox.register([])
        #expect(plugins.map(\.name) == ["mwdb", "a", "b", "c"])
        #expect(plugins.map { $0.counts[.ready] ?? 0 } == [0, 3, 3, 0])
        try await test.expectCountersRight()
    }

    @Test("the same id with the same bytes is a duplicate, with other bytes a conflict; nothing is added")
    func sameID() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<1)
        try await test.append(1..<2, to: [])
        var other = Event.test(0)
        other.body.append(0x20)
        var unwanted = Event.test(1)
        unwanted.body[20] ^= 1
        let answers = try await test.outbox.append([
            Arrival(event: .test(0), plugins: [.a, .b]), Arrival(event: other, plugins: [.a]),
            Arrival(event: .test(1), plugins: [.a]), Arrival(event: unwanted, plugins: [.a]),
            Arrival(event: .test(2), plugins: [.a]), Arrival(event: .test(2), plugins: [.a]),
        ])
        #expect(
            answers == [.duplicate, .conflict, .duplicate, .conflict, .accepted(sequence: 3), .duplicate])
        #expect(try await test.outbox.register([])[1].counts == [.ready: 2])
    }

    @Test("a single event whose producer waits goes before what was posted in bulk")
    func prompt() async throws {
        let test = try await TestOutbox()
        let order = try await posting(test, answers: 4) { outbox, note in
            for number in 1...3 {
                let events = (0..<100).map { Arrival(event: .test(100 * number + $0), plugins: [.a]) }
                outbox.append(events) { note("bulk", $0) }
            }
            outbox.append([Arrival(event: .test(1), plugins: [.a])], isPrompt: true) { note("prompt", $0) }
        }
        // The first place is taken by what holds the outbox.
        #expect(order == ["prompt": [2], "bulk": [3, 103, 203]])
        try await test.expectCountersRight()
    }

    @Test("however many single events there are, what was posted in bulk is not kept waiting")
    func bulk() async throws {
        let test = try await TestOutbox()
        let singles = Transaction.rowLimit
        let order = try await posting(test, answers: singles + 1) { outbox, note in
            for number in 1...singles {
                outbox.append([Arrival(event: .test(number), plugins: [.a])], isPrompt: true) {
                    note("prompt", $0)
                }
            }
            let events = (1...50).map { Arrival(event: .test(singles + $0), plugins: [.a]) }
            outbox.append(events) { note("bulk", $0) }
        }
        let bulk = try #require(order["bulk"]?.first)
        // Each has a row of its own and one for its delivery: half of them fill a transaction.
        #expect(bulk <= Int64(1 + singles / 2 + 1))
    }

    /// What `post` posts is there when the outbox looks for work next: the first place of each append by its name, once
    /// there are so many answers.
    private func posting(
        _ test: TestOutbox, answers: Int,
        _ post: (Outbox, @escaping @Sendable (String, Result<[Acceptance], OutboxError>) -> Void) -> Void
    ) async throws -> [String: [Int64]] {
        let (isHeld, goOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        test.outbox.append([Arrival(event: .test(0), plugins: [])]) { _ in
            isHeld.signal()
            goOn.wait()
        }
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                isHeld.wait()
                continuation.resume()
            }
        }
        let places = Lock<[String: [Int64]]>([:])
        let isThrough = Signal<Bool>()
        post(test.outbox) { name, result in
            guard case .success(let acceptances) = result, case .accepted(let place)? = acceptances.first
            else {
                return
            }
            let count = places.withLock { places in
                places[name, default: []].append(place)
                return places.values.reduce(0) { $0 + $1.count }
            }
            if count == answers { isThrough.send(true) }
        }
        goOn.signal()
        // Answers to single events come on another thread than others.
        _ = try await isThrough.wait()
        return places.withLock { $0 }
    }

    @Test("a plugin that is named twice gets the event once")
    func namedTwice() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<1, to: [.a, .b, .a])
        #expect(try await test.claim(1).count == 1)
        try await test.expectCountersRight()
    }

    @Test("an id is remembered over a restart")
    func remembered() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<2)
        let again = try await test.reopened()
        #expect(try await again.outbox.append([Arrival(event: .test(1), plugins: [.a])]) == [.duplicate])
        #expect(try await again.append(2..<3) == [3])
    }

    @Test("together: one conflict refuses all, and nothing is stored")
    func together() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<1)
        var conflict = Event.test(0)
        conflict.body[10] ^= 1
        var twin = Event.test(6)
        twin.body[10] ^= 1
        let refused = try await test.outbox.appendAllOrNothing([
            Arrival(event: .test(5), plugins: [.a]), Arrival(event: conflict, plugins: [.a]),
            Arrival(event: .test(6), plugins: [.a]), Arrival(event: twin, plugins: [.a]),
        ])
        #expect(refused == .refused(conflicts: [1, 3]))
        let stored = try await test.outbox.appendAllOrNothing([
            Arrival(event: .test(5), plugins: [.a]), Arrival(event: .test(0), plugins: [.a]),
            Arrival(event: .test(5), plugins: [.a]),
        ])
        #expect(stored == .stored([.accepted(sequence: 2), .duplicate, .duplicate]))
        #expect(try await test.outbox.appendAllOrNothing([]) == .stored([]))
    }

    @Test("bytes come back as they went in")
    func bytes() async throws {
        let test = try await TestOutbox()
        let bodies: [[UInt8]] = [
            [], [0], Array(0...255), [UInt8](repeating: 0xff, count: 3_000_000),
            Array("\u{202e}\r\n\0<script>".utf8),
        ]
        let events = bodies.enumerated().map { place, body in
            Event(
                id: "hostile-\(place)\0'\"", type: "on_\0", actor: "a\u{301}\r\n", object: "", body: body)
        }
        _ = try await test.outbox.append(events.map { Arrival(event: $0, plugins: [.a]) })
        let again = try await test.reopened()
        let claims = try await again.claim(bodies.count)
        #expect(claims.map(\.body) == bodies)
        #expect(claims.map(\.eventID) == events.map(\.id))
        #expect(claims.map(\.eventType) == events.map(\.type))
        #expect(claims.map(\.object) == events.map(\.object))
        let reader = try again.reader()
        #expect(try await reader.event(events[2].id)?.summary.actor == "a\u{301}\r\n")
    }

    @Test("many producers at once: each is answered with its own places, and each event is there once")
    func producers() async throws {
        let test = try await TestOutbox()
        let places = try await withThrowingTaskGroup(of: [Int64].self) { group in
            for producer in 0..<32 {
                group.addTask {
                    var places: [Int64] = []
                    for number in 0..<20 {
                        let one = producer * 20 + number
                        places += try await test.append(one..<one + 1)
                    }
                    return places
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(places.sorted() == Array(1...640))
        try await test.expectCountersRight()
    }

    @Test("after closing, every call says so")
    func closed() async throws {
        let test = try await TestOutbox()
        test.outbox.close()
        await #expect(throws: OutboxError.closed) { try await test.append(0..<1) }
        await #expect(throws: OutboxError.closed) { try await test.outbox.resume(.a) }
        await #expect(throws: OutboxError.closed) { try await test.record([]) }
        await #expect(throws: OutboxError.closed) { try await test.markStarted([]) }
        test.outbox.close()
    }

    @Test("closing finishes what was posted")
    func closing() async throws {
        let test = try await TestOutbox()
        let answers = Signal<Int>()
        test.outbox.append((0..<500).map { Arrival(event: .test($0), plugins: [.a]) }) { result in
            answers.send((try? result.get().count) ?? -1)
        }
        let again = try await test.reopened()
        #expect(answers.sent == 500)
        #expect(try await again.outbox.register([])[1].counts == [.ready: 500])
    }
}
