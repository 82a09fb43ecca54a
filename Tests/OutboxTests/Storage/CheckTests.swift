// Each kind of corruption is made, found, mended where that is safe, and gone; a good outbox has no finding.

import Glibc
import Model
import Testing

@testable import Outbox

@Suite("Checks", .timeLimit(.minutes(1)))
struct CheckTests {
    /// A closed outbox with deliveries in several states.
    private func filled() async throws -> TemporaryDirectory {
        let test = try await TestOutbox()
        // Events that are some: their bytes are looked at.
        _ = try await test.outbox.append(
            (0..<6).map { number in
                var event = Event.test(number)
                event.body = Array(#"{"id":"\#(event.id)","type":"on_created_file","data":{}}"#.utf8)
                return Arrival(event: event, plugins: [.a, .b])
            })
        let claims = try await test.claim(4)
        try await test.record([
            .delivered(claims[0], at: test.clock.now, writeBacks: [NewWriteBack(task: [1])]),
            .dead(claims[1], now: test.clock.now),
            .retry(claims[2], at: test.clock.now + .hours(1), now: test.clock.now), .held(claims[3]),
        ])
        test.outbox.close()
        return test.directory
    }

    private func check(_ directory: TemporaryDirectory, repair: Bool = false) throws -> [Finding] {
        let check = try OutboxCheck(directory: directory.path, repair: repair)
        let findings = try check.run()
        try check.close()
        return findings
    }

    @Test("A good outbox has no finding, and is not changed by a repair")
    func good() async throws {
        let directory = try await filled()
        #expect(try check(directory) == [])
        #expect(try check(directory, repair: true) == [])
    }

    /// Numbers of deliveries: event 1 to plugin 1 is `1 << 23 | 1`.
    private static let first = "8388609"

    @Test(
        "What must not be is found, mended, and then not found any more",
        arguments: [
            ("DELETE FROM event WHERE sequence = 1", "deliveries whose event is gone", Int64(3)),
            (
                "UPDATE event SET body = NULL, digest = x'00' WHERE sequence = 6",
                "pending deliveries of events", 2
            ),
            (
                "UPDATE delivery SET state = 77 WHERE id = \(first)",
                "deliveries in a state that there is not", 1
            ),
            ("UPDATE delivery SET queue = 2 WHERE id = \(first)", "deliveries in another queue", 1),
            ("UPDATE delivery SET due_at = 5 WHERE state = 0", "deliveries that do not wait", 9),
            (
                "INSERT INTO attempt VALUES (99, 1, 0, 0, 0, 0, 0, 0, 0, NULL, NULL, '', NULL, '', x'')",
                "deliveries that are gone and have attempts", 1
            ),
            ("DELETE FROM plugin WHERE number = 2", "plugins without a name", 1),
            (
                "UPDATE counter SET count = count + 1 WHERE queue = 1 AND state = 0", "counters that are not",
                1
            ),
            ("DELETE FROM counter", "counters that are not", 7),
        ])
    func mended(damage: String, what: String, count: Int64) async throws {
        let directory = try await filled()
        try sqlite(directory.path, damage)
        let found = try check(directory)
        let finding = try #require(found.first { $0.what.hasPrefix(what) }, "\(found)")
        #expect(
            finding.isRepairable && !finding.isRepaired && !finding.examples.isEmpty
                && !finding.remedy.isEmpty)
        #expect(finding.count == count)
        #expect(try check(directory) == found, "looking changes nothing")
        #expect(try check(directory, repair: true).allSatisfy(\.isRepaired))
        #expect(try check(directory) == [])
        // And the daemon opens it, with counters that are right.
        let test = try await TestOutbox(directory)
        try await test.expectCountersRight()
        let audit = try await test.reader().audit()
        #expect(audit.items.first?.what == "fsck" && audit.items.first?.detail.contains(what) == true)
    }

    /// A closed outbox whose plugin a has lines of three deliveries each, the first of each claimed or waiting.
    private func linedUp(_ order: DeliveryOrder) async throws -> TemporaryDirectory {
        let test = try await TestOutbox()
        try await test.put(.a, in: order)
        _ = try await test.outbox.append(
            (0..<21).map { number in
                var event = Event.test(number)
                event.body = Array(#"{"id":"\#(event.id)","type":"on_created_file","data":{}}"#.utf8)
                return Arrival(event: event, plugins: [.a, .b])
            })
        let first = try await test.claim(1)
        try await test.record([
            .retry(first[0], at: test.clock.now + .hours(1), now: test.clock.now)
        ])
        test.outbox.close()
        return test.directory
    }

    @Test("An outbox with lines has no finding", arguments: [DeliveryOrder.object, .strict])
    func goodLines(order: DeliveryOrder) async throws {
        let directory = try await linedUp(order)
        #expect(try check(directory) == [])
        #expect(try check(directory, repair: true) == [])
    }

    @Test(
        "A line that nobody would ever leave is found, and goes on in its order after a repair",
        arguments: [
            (
                "UPDATE delivery SET line = NULL WHERE id = 16 << 23 | 1", "deliveries that are blocked",
                Int64(1)
            ),
            (
                "UPDATE delivery SET state = 7, due_at = 0 WHERE queue = 1 AND state < 7",
                "lines in which every delivery waits", -1
            ),
            (
                "UPDATE delivery SET state = 5, due_at = 0 WHERE id = 1 << 23 | 1",
                "deliveries that are not pending", 1
            ),
            ("DELETE FROM delivery WHERE id = 1 << 23 | 1", "lines in which every delivery waits", 1),
            ("DELETE FROM event WHERE sequence = 1", "deliveries whose event is gone", 2),
            (
                "UPDATE delivery SET state = 99 WHERE id = 1 << 23 | 1",
                "deliveries in a state that there is not", 1
            ),
        ], [DeliveryOrder.object, .strict])
    func lines(damage: (sql: String, what: String, count: Int64), order: DeliveryOrder) async throws {
        let directory = try await linedUp(order)
        try sqlite(directory.path, damage.sql)
        let found = try check(directory)
        let finding = try #require(found.first { $0.what.hasPrefix(damage.what) }, "\(found)")
        #expect(damage.count < 0 || finding.count == damage.count)
        #expect(finding.isRepairable && !finding.isRepaired)
        #expect(try check(directory, repair: true).allSatisfy(\.isRepaired))
        #expect(try check(directory) == [])
        let test = try await TestOutbox(directory)
        try await test.expectCountersRight()
        try await test.outbox.lineUp(.a)
        test.clock.advance(.hours(2))
        // Each line goes on, one at a time and in the order of events, to its end.
        var last: [String: Int64] = [:]
        var count = 0
        test.outbox.addCredit(1_000, queue: .a, order: .oldest)
        while true {
            try await test.settle()
            let claims = test.sink.takeAll()
            guard !claims.isEmpty else { break }
            let lines = claims.map { order == .strict ? "all" : $0.object ?? "" }
            #expect(Set(lines).count == claims.count, "one of each line")
            for (claim, line) in zip(claims, lines) {
                #expect(claim.delivery.sequence > last[line] ?? 0)
                last[line] = claim.delivery.sequence
            }
            count += claims.count
            try await test.record(claims.map { .delivered($0, at: test.clock.now) })
        }
        #expect(count >= 20, "all but the one that was damaged")
    }

    @Test("While a queue is lined up anew, all of it may be blocked")
    func liningUp() async throws {
        let directory = try await linedUp(.object)
        try sqlite(
            directory.path,
            """
            UPDATE delivery SET state = 7, due_at = 0 WHERE queue = 1;
            UPDATE plugin SET lining_up = 1 WHERE number = 1;
            """)
        #expect(try check(directory).allSatisfy { $0.what.hasPrefix("counters") })
    }

    @Test("A check says what it looks at, from its beginning to the events' last byte")
    func progress() async throws {
        let directory = try await filled()
        var said: [String] = []
        _ = try OutboxCheck(directory: directory.path, repair: false).run { said.append($0) }
        #expect(said.first == "pages and indices of the database")
        #expect(said.last == "the events' bytes, 100 %")
    }

    @Test("Bytes that are not the event's are listed and left alone")
    func wrongBytes() async throws {
        let directory = try await filled()
        try sqlite(
            directory.path,
            "UPDATE event SET body = CAST(replace(CAST(body AS TEXT), 'on_created_file', 'on_x') AS BLOB) WHERE sequence = 2"
        )
        try sqlite(directory.path, "UPDATE event SET body = x'7b' WHERE sequence = 3")
        let findings = try check(directory, repair: true)
        #expect(findings.map(\.count) == [2] && findings.allSatisfy { !$0.isRepaired && !$0.isRepairable })
        #expect(findings[0].what == "events whose bytes are not theirs")
        #expect(findings[0].examples == [Event.test(1).id, Event.test(2).id])
    }

    @Test("An index that lacks a row is made anew; damaged pages are named, and nothing is touched")
    func pages() async throws {
        let directory = try await filled()
        // Without the index SQLite does not maintain it, and then it is put back.
        try sqlite(
            directory.path,
            """
            CREATE TABLE kept AS SELECT * FROM sqlite_schema WHERE name = 'delivery_queue';
            PRAGMA writable_schema = ON;
            DELETE FROM sqlite_schema WHERE name = 'delivery_queue';
            PRAGMA writable_schema = RESET;
            """)
        try sqlite(
            directory.path,
            """
            DELETE FROM delivery WHERE id = \(Self.first);
            PRAGMA writable_schema = ON;
            INSERT INTO sqlite_schema SELECT * FROM kept;
            DROP TABLE kept;
            PRAGMA writable_schema = RESET;
            """)
        let found = try check(directory)
        #expect(found.first?.what == "rows that an index does not have as they are")
        #expect(try check(directory, repair: true).allSatisfy(\.isRepaired))
        #expect(try check(directory) == [])
        let path = directory.path + "/outbox.db"
        let descriptor = open(path, O_RDWR)
        // The second page is the first table's root.
        let noise = [UInt8](repeating: 0xa5, count: 4_096)
        for page in 2..<5 { pwrite(descriptor, noise, noise.count, off_t(page * 8192)) }
        close(descriptor)
        do throws(OutboxError) {
            let check = try OutboxCheck(directory: directory.path, repair: true)
            #expect(try check.run().contains { $0.isDamage && !$0.isRepaired })
        } catch {
            guard case .broken = error else { throw error }
        }
    }

    @Test("While a daemon runs nothing is checked; without an outbox neither")
    func locked() async throws {
        let test = try await TestOutbox()
        #expect(throws: OutboxError.locked(pid: getpid())) { try check(test.directory) }
        #expect(throws: OutboxError.self) { try check(TemporaryDirectory()) }
    }

    @Test("What pending deliveries need is known")
    func needed() async throws {
        let test = try await TestOutbox()
        _ = try await test.outbox.append([
            Arrival(event: .test(0), plugins: [.a], content: "aa"),
            Arrival(event: .test(1), plugins: [.a], content: "bb"),
        ])
        let claims = try await test.claim(2)
        try await test.record([.delivered(claims[0], at: test.clock.now)])
        test.outbox.close()
        #expect(try OutboxCheck(directory: test.directory.path, repair: false).neededContent() == ["bb"])
    }
}
