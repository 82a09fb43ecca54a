// What happened to an object: its events are found part by part of the outbox, newest part first (see `Schema`).

import Model

extension ReadConnection {
    /// A part of the index on objects has so many events, as a power of two.
    private static let partBits: Int64 = 12
    /// One search looks into so many parts: 16 million events.
    private static let partLimit: Int64 = 4_096

    /// The sequences below `below` of events about `object`, highest first, part by part until there are `limit`.
    private func sequences(
        about object: String, below: Int64, limit: Int
    ) throws(OutboxError) -> Candidates {
        let row = try database.prepare(.firstSequence)
        let first = try row.next() ? row.integer(0) : 0
        row.reset()
        let last = min(below - 1, try lastSequence())
        var found: [Int64] = []
        var part = last >> Self.partBits
        let lowest = max(first >> Self.partBits, part - Self.partLimit + 1)
        while part >= lowest, found.count < limit {
            let rows = try database.prepare(.eventsAbout)
            rows.bind(1, part)
            rows.bind(2, object)
            rows.bind(3, below)
            while try rows.next() { found.append(rows.integer(0)) }
            part -= 1
        }
        let rest = (part + 1) << Self.partBits
        return Candidates(found, rest: rest > first && last >= first ? rest : nil)
    }

    /// The numbers below `position` of the deliveries of events about `object`, highest first.
    func deliveries(about object: String, below position: Int64, limit: Int) throws(OutboxError) -> Candidates
    {
        // The event at the position may have more deliveries below it.
        let below = position == .max ? position : DeliveryID(rawValue: position).sequence + 1
        let events = try sequences(about: object, below: below, limit: limit)
        var ids: [Int64] = []
        for sequence in events.ids {
            let rows = try database.prepare(.deliveryIDs)
            rows.bind(1, DeliveryID.first(of: sequence).rawValue)
            rows.bind(2, min(DeliveryID.first(of: sequence + 1).rawValue, position))
            rows.bind(3, Self.siblingLimit)
            var ofEvent: [Int64] = []
            while try rows.next() { ofEvent.append(rows.integer(0)) }
            ids += ofEvent.reversed()
        }
        return Candidates(ids, rest: events.rest.map { DeliveryID.first(of: $0).rawValue })
    }

    /// A page of events about `object` whose sequence is at least `first` and below `position`.
    func events(
        _ filter: EventFilter, about object: String, from first: Int64, below position: Int64, limit: Int
    ) throws(OutboxError) -> Page<EventSummary> {
        var page = Page<EventSummary>(items: [], next: nil)
        let found = try sequences(about: object, below: position, limit: limit)
        for sequence in found.ids {
            guard sequence >= first else { return page }
            let row = try database.prepare(.event)
            row.bind(1, sequence)
            guard try row.next() else { continue }
            if filter.matches(row, from: 1) { page.items.append(EventSummary(row)) }
            row.reset()
            guard page.items.count < limit else {
                page.next = PageToken(below: sequence)
                return page
            }
        }
        if let rest = found.rest, rest > first { page.next = PageToken(below: rest) }
        return page
    }
}
