// Jobs, and how many rows one would concern, without counting a backlog to its end.

import Model

/// How many rows match.
package struct MatchCount: Sendable, Equatable {
    /// So many were counted.
    package var matched: Int64
    /// Counting ended before all were looked at: there may be more.
    package var hasMore: Bool

    /// A count.
    package init(matched: Int64, hasMore: Bool) {
        self.matched = matched
        self.hasMore = hasMore
    }
}

extension ReadConnection {
    /// Most pages that a count turns; where a row must be looked at to know whether it matches, one: it examines as
    /// many rows as ten others.
    private static func pages(_ isRowByRow: Bool) -> Int {
        isRowByRow ? 1 : examinedLimit / OutboxReader.maximumLimit
    }

    /// A page of jobs below number `below`.
    func jobs(below: Int64?, limit: Int) throws(OutboxError) -> Page<JobRecord> {
        let limit = min(max(limit, 1), OutboxReader.maximumLimit)
        let rows = try database.prepare(.jobs)
        rows.bind(1, below ?? .max)
        rows.bind(2, Int64(limit))
        var page = Page<JobRecord>(items: [], next: nil)
        while try rows.next() { page.items.append(JobRecord(rows)) }
        if page.items.count == limit { page.next = page.items.last.map { PageToken(below: $0.id) } }
        return page
    }

    func job(_ id: Int64) throws(OutboxError) -> JobRecord? {
        let row = try database.prepare(.job)
        row.bind(1, id)
        guard try row.next() else { return nil }
        defer { row.reset() }
        return JobRecord(row)
    }

    /// Counts deliveries: by the counters where queue and state are all that is asked, and else row by row.
    func count(_ filter: DeliveryFilter) throws(OutboxError) -> MatchCount {
        guard filter != DeliveryFilter(queue: filter.queue, states: filter.states) else {
            let counted = try plugins().filter { filter.queue == nil || filter.queue == $0.number }
                .flatMap { $0.counts.filter { filter.states.isEmpty || filter.states.contains($0.key) } }
            return MatchCount(matched: counted.reduce(0) { $0 + $1.value }, hasMore: false)
        }
        var count = MatchCount(matched: 0, hasMore: true)
        var below: Int64?
        let isRowByRow = filter.hook != nil || filter.object != nil || filter.status != nil
        for _ in 0..<Self.pages(isRowByRow) {
            let page = try deliveries(filter, below: below, limit: OutboxReader.maximumLimit)
            count.matched += Int64(page.items.count)
            below = page.next?.below
            if below == nil {
                count.hasMore = false
                break
            }
            // A page that is not full has looked at as many rows as it may.
            if page.items.count < OutboxReader.maximumLimit { break }
        }
        return count
    }

    /// Counts events row by row.
    func count(_ filter: EventFilter) throws(OutboxError) -> MatchCount {
        var count = MatchCount(matched: 0, hasMore: true)
        var below: Int64?
        for _ in 0..<Self.pages(filter.hook != nil || filter.object != nil) {
            let page = try events(filter, below: below, limit: OutboxReader.maximumLimit)
            count.matched += Int64(page.items.count)
            below = page.next?.below
            if below == nil {
                count.hasMore = false
                break
            }
            if page.items.count < OutboxReader.maximumLimit { break }
        }
        return count
    }
}
