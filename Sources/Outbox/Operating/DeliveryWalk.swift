// Walks through the deliveries of some queues and states, slice by slice, by the index the queues live in.

import Model

/// Where a walk through deliveries is. What it returns may be changed before it goes on.
struct DeliveryWalk: Sendable {
    private var stations: [(queue: PluginNumber, state: DeliveryState)]
    private var due: Int64 = 0
    private var id: Int64 = -1

    /// A walk through `states` of `queues`.
    init(queues: [PluginNumber], states: [DeliveryState]) {
        stations = queues.flatMap { queue in states.map { (queue, $0) } }.reversed()
    }

    /// The next deliveries with their state, at most `limit`; nil when the walk is over.
    mutating func next(
        _ limit: Int, _ writer: OutboxWriter
    ) throws(OutboxError) -> (state: DeliveryState, deliveries: [DeliveryID])? {
        while let station = stations.last {
            for query in [WriterQuery.inStateSameDue, .inStateLaterDue] {
                let found = try read(query, station, limit, writer)
                if !found.isEmpty { return (station.state, found) }
            }
            stations.removeLast()
            due = 0
            id = -1
        }
        return nil
    }

    private mutating func read(
        _ query: WriterQuery, _ station: (queue: PluginNumber, state: DeliveryState), _ limit: Int,
        _ writer: OutboxWriter
    ) throws(OutboxError) -> [DeliveryID] {
        let statement = try writer.database.prepare(query)
        statement.bind(1, station.queue.rawValue)
        statement.bind(2, station.state.rawValue)
        statement.bind(3, due)
        if query == .inStateSameDue { statement.bind(4, id) }
        statement.bind(5, Int64(limit))
        var found: [DeliveryID] = []
        while try statement.next() {
            id = statement.integer(0)
            due = statement.integer(1)
            found.append(DeliveryID(rawValue: id))
        }
        return found
    }
}
