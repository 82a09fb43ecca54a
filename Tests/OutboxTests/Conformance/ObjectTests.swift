// What happened to an object: found across parts of the index, whatever lies between.

import Model
import Testing

@testable import Outbox

@Suite("Objects", .timeLimit(.minutes(2)))
struct ObjectTests {
    private func event(_ number: Int, about object: String?) -> Event {
        var event = Event.test(number)
        event.object = object
        return event
    }

    private func all<Item>(_ page: (PageToken?) async throws -> Page<Item>) async throws -> [Item] {
        var items: [Item] = []
        var token: PageToken?
        repeat {
            let next = try await page(token)
            items += next.items
            token = next.next.flatMap { PageToken($0.description) }
        } while token != nil
        return items
    }

    @Test("events and deliveries of an object, over several parts, in pages of any size, each once")
    func parts() async throws {
        let test = try await TestOutbox()
        let count = 9_000
        for start in stride(from: 0, to: count, by: 1_000) {
            let arrivals = (start..<start + 1_000).map { number in
                Arrival(
                    event: event(number, about: number % 900 == 7 ? "rare" : "object-\(number)"),
                    plugins: number % 900 == 7 ? [.a, .b] : [.a])
            }
            _ = try await test.outbox.append(arrivals)
        }
        let reader = try test.reader()
        let expected = (0..<count).filter { $0 % 900 == 7 }.map { Int64($0 + 1) }.reversed()
        for limit in [1, 3, 4, 1_000] {
            let events = try await all {
                try await reader.events(EventFilter(object: "rare"), after: $0, limit: limit)
            }
            #expect(events.map(\.sequence) == Array(expected), "\(limit)")
            let deliveries = try await all {
                try await reader.deliveries(DeliveryFilter(object: "rare"), after: $0, limit: limit)
            }
            #expect(deliveries.map(\.delivery.sequence) == expected.flatMap { [$0, $0] }, "\(limit)")
            #expect(deliveries.map(\.delivery.plugin) == expected.flatMap { _ in [.b, .a] }, "\(limit)")
        }
        let ofB = try await reader.deliveries(DeliveryFilter(queue: .b, states: [.ready], object: "rare"))
        #expect(ofB.items.count == expected.count && ofB.next == nil)
        #expect(try await reader.deliveries(DeliveryFilter(object: "nobody")) == Page(items: [], next: nil))
    }

    @Test("objects that begin alike, that hold NUL or other writing, and events without one")
    func names() async throws {
        let test = try await TestOutbox()
        let objects = [
            "abcdefgh1", "abcdefgh2", "abcdefgh", "a\u{0}b", "a\u{0}c", "ĝęśłąźżćń1", "ĝęśłąźżćń2", "", nil,
        ]
        _ = try await test.outbox.append(
            objects.enumerated().map { Arrival(event: event($0, about: $1), plugins: [.a]) })
        let reader = try test.reader()
        for (number, object) in objects.enumerated() {
            guard let object else { continue }
            let found = try await reader.events(EventFilter(object: object))
            #expect(found.items.map(\.sequence) == [Int64(number + 1)], "\(number)")
        }
    }

    @Test("one search looks into a bounded number of parts, and the next page goes on below them")
    func bounded() async throws {
        let test = try await TestOutbox()
        _ = try await test.outbox.append([Arrival(event: event(0, about: "rare"), plugins: [.a])])
        test.outbox.close()
        // Forty million events later.
        let database = try Database<WriterQuery>(path: test.directory.path + "/outbox.db", mode: .write)
        try database.execute(
            """
            INSERT INTO event (sequence, id, type, accepted_at, object) VALUES (40000000, 'late', 'on_created_file', \
            \(test.clock.now.milliseconds), 'other')
            """)
        let reader = try test.reader()
        let first = try await reader.events(EventFilter(object: "rare"))
        #expect(first.items.isEmpty && first.next != nil)
        let events = try await all { try await reader.events(EventFilter(object: "rare"), after: $0) }
        #expect(events.map(\.sequence) == [1])
        let deliveries = try await all {
            try await reader.deliveries(DeliveryFilter(object: "rare"), after: $0)
        }
        #expect(deliveries.map(\.delivery.sequence) == [1])
        let since = DeliveryFilter(object: "rare", since: test.clock.now + .hours(1))
        #expect(try await reader.deliveries(since).next == nil)
    }

    @Test("an outbox of the first version gets the index when it is opened")
    func migration() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<20)
        test.outbox.close()
        let database = try Database<WriterQuery>(path: test.directory.path + "/outbox.db", mode: .write)
        try database.execute(
            """
            DROP TABLE job; DROP INDEX event_object; DROP INDEX delivery_line; ALTER TABLE delivery DROP COLUMN line;
            ALTER TABLE plugin DROP COLUMN line_order; ALTER TABLE plugin DROP COLUMN lining_up;
            PRAGMA user_version = 1
            """)
        #expect(throws: OutboxError.self) { try test.reader() }
        let again = try await TestOutbox(test.directory, clock: test.clock)
        #expect(try await again.reader().events(EventFilter(object: "object-3")).items.count == 3)
    }
}
