// Lists of deliveries and events, newest first. A page begins at a position, examines a bounded number of rows,
// and says where the next one begins: it costs the same at the front and after ten million rows.

import Model

extension ReadConnection {
    /// A page of deliveries below number `below`.
    func deliveries(
        _ filter: DeliveryFilter, below: Int64?, limit: Int
    ) throws(OutboxError) -> Page<DeliverySummary> {
        let limit = min(max(limit, 1), OutboxReader.maximumLimit)
        var position = below ?? .max
        if let until = filter.until {
            position = min(position, DeliveryID.first(of: try sequence(acceptedFrom: until)).rawValue)
        }
        let end = try filter.since.map { since throws(OutboxError) in
            DeliveryID.first(of: try sequence(acceptedFrom: since)).rawValue
        }
        var page = Page<DeliverySummary>(items: [], next: nil)
        var runs = try runs(filter, below: position)
        var examined = 0
        while examined < Self.examinedLimit {
            let found = try candidates(filter, &runs, below: position, limit: max(limit, 100))
            for id in found.ids {
                if let end, id < end { return page }
                examined += 1
                guard let summary = try summary(DeliveryID(rawValue: id)), filter.matches(summary) else {
                    continue
                }
                page.items.append(summary)
                guard page.items.count < limit else {
                    page.next = PageToken(below: id)
                    return page
                }
            }
            guard let rest = found.rest, rest > end ?? 0 else { return page }
            position = rest
            // Nothing about the object in all that one search looks into.
            if found.ids.isEmpty { break }
        }
        page.next = PageToken(below: position)
        return page
    }

    /// Rows that may belong to a list, highest first.
    struct Candidates {
        /// Their numbers.
        var ids: [Int64]
        /// The others are below this; nil: there are no others.
        var rest: Int64?

        /// At most `limit` of the numbers below the last position.
        init(_ ids: [Int64], limit: Int) {
            self.ids = ids
            rest = ids.count < limit ? nil : ids.last
        }

        /// What was found down to `rest`.
        init(_ ids: [Int64], rest: Int64?) {
            self.ids = ids
            self.rest = rest
        }
    }

    /// The highest numbers below `position` of deliveries that have what the filter asks for and an index knows.
    private func candidates(
        _ filter: DeliveryFilter, _ runs: inout NumberRuns?, below position: Int64, limit: Int
    ) throws(OutboxError) -> Candidates {
        if let object = filter.object { return try deliveries(about: object, below: position, limit: limit) }
        guard runs != nil else { return Candidates(try any(below: position, limit), limit: limit) }
        let found = try runs?.next(limit, from: self) ?? []
        return Candidates(found, limit: limit)
    }

    /// What an index knows of the queues and states that the filter asks for; nil: all deliveries are looked at.
    private func runs(
        _ filter: DeliveryFilter, below position: Int64
    ) throws(OutboxError) -> NumberRuns? {
        guard filter.object == nil, filter.queue != nil || !filter.states.isEmpty else { return nil }
        let states = filter.states.isEmpty ? Set(DeliveryState.allCases) : filter.states
        var runs = NumberRuns(below: position)
        if states.contains(.waiting) {
            // Waiting ones are not in the order of their numbers: few are sorted, and where there are many,
            // looking at all deliveries finds some soon.
            let waits = try queues(with: .waiting, filter.queue)
            guard waits.reduce(0, { $0 + $1.count }) <= mostWaiting else { return nil }
            for (queue, _) in waits { runs.add(queue, .waiting, all: try waiting(queue)) }
        }
        for state in states where state != .waiting {
            for (queue, _) in try queues(with: state, filter.queue) { runs.add(queue, state) }
        }
        return runs
    }

    /// So many waiting deliveries of a queue are read at most.
    static let waitingLimit: Int64 = 100_000

    /// The numbers of a queue's waiting deliveries, first due first, at most `waitingLimit`.
    func waiting(_ queue: PluginNumber) throws(OutboxError) -> [Int64] {
        let statement = try database.prepare(.waiting)
        statement.bind(1, queue.rawValue)
        statement.bind(2, Self.waitingLimit)
        return try numbers(statement)
    }

    /// The queues with deliveries of a state, or only `one`.
    private func queues(
        with state: DeliveryState, _ one: PluginNumber?
    ) throws(OutboxError) -> [(queue: PluginNumber, count: Int64)] {
        let statement = try database.prepare(.countedQueues)
        statement.bind(1, state.rawValue)
        var queues: [(queue: PluginNumber, count: Int64)] = []
        while try statement.next() {
            let queue = PluginNumber(statement.integer(0))
            if one == nil || one == queue { queues.append((queue, statement.integer(1))) }
        }
        return queues
    }

    private func any(below position: Int64, _ limit: Int) throws(OutboxError) -> [Int64] {
        let statement = try database.prepare(.deliveriesBelow)
        statement.bind(1, position)
        statement.bind(2, Int64(limit))
        return try numbers(statement)
    }

    /// The highest numbers below `position` of a queue and state that is not `waiting`.
    func inState(
        _ queue: PluginNumber, _ state: DeliveryState, below position: Int64, _ limit: Int
    ) throws(OutboxError) -> [Int64] {
        let statement = try database.prepare(.inStateBelow)
        statement.bind(1, queue.rawValue)
        statement.bind(2, state.rawValue)
        statement.bind(3, position)
        statement.bind(4, Int64(limit))
        return try numbers(statement)
    }

    private func numbers(_ statement: Statement) throws(OutboxError) -> [Int64] {
        var numbers: [Int64] = []
        while try statement.next() { numbers.append(statement.integer(0)) }
        numbersRead += numbers.count
        return numbers
    }

    /// A page of events below sequence `below`.
    func events(_ filter: EventFilter, below: Int64?, limit: Int) throws(OutboxError) -> Page<EventSummary> {
        let limit = min(max(limit, 1), OutboxReader.maximumLimit)
        var position = below ?? .max
        if let until = filter.until { position = min(position, try sequence(acceptedFrom: until)) }
        let end = try filter.since.map { since throws(OutboxError) in try sequence(acceptedFrom: since) } ?? 0
        if let object = filter.object {
            return try events(filter, about: object, from: end, below: position, limit: limit)
        }
        let rows = try database.prepare(.eventsBelow)
        rows.bind(1, position)
        rows.bind(2, Int64(Self.examinedLimit))
        defer { rows.reset() }
        var page = Page<EventSummary>(items: [], next: nil)
        var examined = 0
        while try rows.next() {
            position = rows.integer(0)
            if position < end { return page }
            examined += 1
            guard filter.matches(rows, from: 1) else { continue }
            page.items.append(EventSummary(rows))
            if page.items.count == limit { break }
        }
        if page.items.count == limit || examined == Self.examinedLimit {
            page.next = PageToken(below: position)
        }
        return page
    }

    /// A page of the audit log below entry `below`.
    func audit(below: Int64?, limit: Int) throws(OutboxError) -> Page<AuditEntry> {
        let limit = min(max(limit, 1), OutboxReader.maximumLimit)
        let rows = try database.prepare(.audit)
        rows.bind(1, below ?? .max)
        rows.bind(2, Int64(limit))
        var page = Page<AuditEntry>(items: [], next: nil)
        var position: Int64 = 0
        while try rows.next() {
            position = rows.integer(0)
            page.items.append(
                AuditEntry(
                    at: Timestamp(milliseconds: rows.integer(1)), who: rows.text(2), what: rows.text(3),
                    detail: rows.text(4)))
        }
        if page.items.count == limit { page.next = PageToken(below: position) }
        return page
    }
}

extension DeliveryFilter {
    /// Judges a delivery by everything the filter says.
    func matches(_ delivery: DeliverySummary) -> Bool {
        if let queue, delivery.delivery.queue != queue { return false }
        if !states.isEmpty, !states.contains(delivery.state) { return false }
        if let hook, delivery.hook != hook { return false }
        if let object, delivery.object != object { return false }
        if let since, delivery.acceptedAt < since { return false }
        if let until, delivery.acceptedAt >= until { return false }
        if let status, delivery.status != status { return false }
        return true
    }
}
