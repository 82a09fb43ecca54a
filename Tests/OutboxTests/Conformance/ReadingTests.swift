// Reading: pages that together hold every row once, filters, names, figures.

import Model
import Testing

@testable import Outbox

@Suite("Reading", .timeLimit(.minutes(2)))
struct ReadingTests {
    /// All pages of a list.
    private func all<Item>(
        _ page: (PageToken?) async throws -> Page<Item>
    ) async throws -> [Item] {
        var items: [Item] = []
        var token: PageToken?
        repeat {
            let next = try await page(token)
            items += next.items
            // As it comes back from a URL.
            token = next.next.flatMap { PageToken($0.description) }
        } while token != nil
        return items
    }

    @Test(
        "10,000 deliveries in pages: newest first, each once, whatever the page size, also while rows come and go"
    )
    func pages() async throws {
        let test = try await TestOutbox()
        for start in stride(from: 0, to: 5_000, by: 1_000) {
            try await test.append(start..<start + 1_000, to: [.a, .b])
        }
        let reader = try test.reader()
        for limit in [1_000, 333] {
            let ids = try await all { try await reader.deliveries(after: $0, limit: limit) }.map(\.delivery)
            #expect(ids.count == 10_000 && ids == ids.sorted(by: >))
        }
        let half = try await reader.deliveries(DeliveryFilter(queue: .b), limit: 1_000)
        #expect(half.items.allSatisfy { $0.delivery.plugin == .b } && half.items.count == 1_000)
        try await test.append(5_000..<5_100, to: [.b])
        let rest = try await all {
            try await reader.deliveries(DeliveryFilter(queue: .b), after: $0 ?? half.next, limit: 1_000)
        }
        #expect(rest.map(\.delivery.sequence) == (1...4_000).reversed().map { Int64($0) })
        let events = try await all { try await reader.events(after: $0, limit: 700) }
        #expect(events.map(\.sequence) == (1...5_100).reversed().map { Int64($0) })
    }

    @Test("a long actor is shown by its beginning, between characters")
    func actor() async throws {
        let test = try await TestOutbox()
        let login = String(repeating: "a", count: 256)
        let actors = [login, login + "b", login.dropLast() + "é", String(repeating: "a", count: 1_000_000)]
        for (number, actor) in actors.enumerated() {
            var event = Event.test(number)
            event.actor = actor
            _ = try await test.outbox.append([Arrival(event: event, plugins: [.a])])
        }
        let shown = try await test.reader().events(limit: 10).items.map(\.actor)
        #expect(shown.reversed() == [login, login, String(login.dropLast()), login])
    }

    @Test("states: waiting ones stand in the order of events too")
    func states() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<60, to: [.a, .b])
        let claims = try await test.claim(60)
        let now = test.clock.now
        try await test.record(
            claims.map { claim in
                switch claim.delivery.sequence % 3 {
                case 0: .retry(claim, at: now + .seconds(100 - claim.delivery.sequence), now: now)
                case 1: .dead(claim, now: now)
                default: .delivered(claim, at: now)
                }
            })
        let reader = try test.reader()
        func sequences(_ filter: DeliveryFilter) async throws -> [Int64] {
            try await all { try await reader.deliveries(filter, after: $0, limit: 7) }.map(
                \.delivery.sequence)
        }
        let down = (1...60).reversed().map { Int64($0) }
        #expect(try await sequences(DeliveryFilter(states: [.waiting])) == down.filter { $0 % 3 == 0 })
        #expect(
            try await sequences(DeliveryFilter(queue: .a, states: [.waiting, .dead]))
                == down.filter { $0 % 3 < 2 })
        #expect(try await sequences(DeliveryFilter(queue: .a)) == down)
        #expect(try await sequences(DeliveryFilter(states: [.ready])) == down)
        #expect(try await sequences(DeliveryFilter(states: [.held])) == [])
        #expect(try await sequences(DeliveryFilter(status: 503)) == down.filter { $0 % 3 == 0 })
        #expect(try await sequences(DeliveryFilter(queue: .b, object: "object-3")).count == 9)
        #expect(try await reader.nextDue(.a) == now + .seconds(40))
        #expect(try await reader.nextDue(.b) == nil)
    }

    @Test("what waits is read once a page, and not at all where all queues together have too many")
    func waitingIsBounded() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<400, to: [.a, .b, .c])
        let now = test.clock.now
        for queue in [PluginNumber.a, .b, .c] {
            try await test.record(
                try await test.claim(400, queue).map { .retry($0, at: now + .days(1), now: now) })
        }
        let connection = try ReadConnection(
            directory: OutboxDirectory(path: test.directory.path), clock: { now })
        var filter = DeliveryFilter(states: [.waiting], hook: "on_created_blob")
        #expect(try connection.deliveries(filter, below: nil, limit: 100).items.isEmpty)
        #expect(connection.numbersRead == 1_200)
        // Each queue alone has fewer than may be read, all of them have more.
        connection.mostWaiting = 500
        connection.numbersRead = 0
        #expect(try connection.deliveries(filter, below: nil, limit: 100).items.isEmpty)
        #expect(connection.numbersRead == 1_200, "each is looked at once")
        filter.hook = nil
        connection.numbersRead = 0
        let page = try connection.deliveries(filter, below: nil, limit: 10)
        #expect(page.items.map(\.delivery.sequence) == [400, 400, 400, 399, 399, 399, 398, 398, 398, 397])
        #expect(connection.numbersRead == 100)
    }

    @Test("time: from and until by the moment of acceptance")
    func times() async throws {
        let test = try await TestOutbox()
        var moments: [Timestamp] = []
        for number in 0..<50 {
            try await test.append(number..<number + 1)
            moments.append(test.clock.now)
            test.clock.advance(.minutes(1))
        }
        let reader = try test.reader()
        let filter = DeliveryFilter(since: moments[10], until: moments[20])
        #expect(try await reader.deliveries(filter).items.map(\.acceptedAt) == moments[10..<20].reversed())
        let events = try await reader.events(EventFilter(since: moments[48]))
        #expect(events.items.map(\.acceptedAt) == [moments[49], moments[48]])
        #expect(try await reader.events(EventFilter(until: moments[0])).items.isEmpty)
        #expect(try await reader.events(EventFilter(hook: "on_created_tag")).items.isEmpty)
        #expect(try await reader.events(EventFilter(object: "object-1")).items.count == 7)
    }

    @Test("names: written, read, found, and refused when they are none")
    func names() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<1, to: [.a, .b])
        let claim = try await test.claim(1)[0]
        try await test.record([.delivered(claim, at: test.clock.now, writeBacks: [NewWriteBack(task: [7])])])
        let reader = try test.reader()
        let detail = try #require(try await reader.delivery(claim.delivery))
        #expect(detail.summary.name.description == "\(claim.eventID)/a")
        #expect(detail.siblings.map(\.name.description) == ["\(claim.eventID)/b", "\(claim.eventID)/a/1"])
        for summary in [detail.summary] + detail.siblings {
            let name = try #require(DeliveryName(summary.name.description))
            #expect(try await reader.find(name) == summary.delivery)
        }
        let writeBack = try await reader.delivery(detail.siblings[1].delivery)
        #expect(writeBack?.task == [7] && writeBack?.body == claim.body)
        #expect(try await reader.find(DeliveryName(eventID: claim.eventID, plugin: "c")) == nil)
        #expect(try await reader.find(DeliveryName(eventID: claim.eventID, plugin: "zzz")) == nil)
        #expect(try await reader.find(DeliveryName(eventID: "none", plugin: "a")) == nil)
        #expect(try await reader.event("none") == nil)
        for text in ["", "a", "a/", "/b", "a/b/0", "a/b/256", "a/b/01", "a/b/x", "a/b/1/2", "a//1", "a/b/+1"]
        {
            #expect(DeliveryName(text) == nil, "\(text)")
        }
    }

    @Test("age: the oldest pending one and the table by age")
    func ages() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<3)
        let first = test.clock.now
        test.clock.advance(.hours(2))
        try await test.append(3..<5, to: [.a, .b])
        test.clock.advance(.seconds(30))
        try await test.append(5..<6)
        let claims = try await test.claim(2)
        try await test.record([
            .retry(claims[0], at: test.clock.now + .hours(9), now: test.clock.now),
            .delivered(claims[1], at: test.clock.now),
        ])
        let reader = try test.reader()
        #expect(try await reader.oldestPending(.a) == first)
        #expect(try await reader.oldestPending(.b) == first + .hours(2))
        #expect(try await reader.oldestPending(.c) == nil)
        let table = try await reader.ageTable()
        #expect(table.limits.first == .minutes(1) && table.limits == table.limits.sorted())
        #expect(table.rows.map(\.queue) == [.a, .b])
        #expect(table.rows[0].counts == [3, 0, 0, 0, 2, 0, 0, 0, 0])
        #expect(table.rows[1].counts == [2, 0, 0, 0, 0, 0, 0, 0, 0])
        #expect(table.rows.allSatisfy { !$0.isEstimate })
    }

    @Test("sizes and counts; a reader that is closed says so; none is opened where there is no outbox")
    func figures() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<100)
        let reader = try test.reader()
        let sizes = try await reader.sizes()
        #expect(
            sizes.database + sizes.log > 10_000 && sizes.diskFree > 0 && sizes.diskTotal >= sizes.diskFree)
        #expect(try await reader.plugins()[1].counts == [.ready: 100])
        reader.close()
        await #expect(throws: OutboxError.closed) { try await reader.plugins() }
        #expect(throws: OutboxError.self) { try OutboxReader(directory: "/nonexistent") }
        let empty = TemporaryDirectory()
        #expect(throws: OutboxError.self) { try OutboxReader(directory: empty.path) }
    }

    @Test("a reader with an open page does not keep the daemon from writing")
    func concurrent() async throws {
        let test = try await TestOutbox()
        try await test.append(0..<500)
        let reader = try test.reader()
        async let pages = all { try await reader.deliveries(after: $0, limit: 10) }
        for number in 0..<50 { try await test.append(1_000 + number..<1_001 + number) }
        #expect(try await pages.count >= 500)
    }
}
