// Walks through the deliveries of some queues and states, slice by slice, by the index the queues live in.

import Model

/// Where a walk through deliveries is. What it returns may be changed before it goes on.
struct DeliveryWalk: Sendable {
    /// A place between two deliveries, from which a walk can go on, even after a restart.
    struct Position: Sendable, Equatable, CustomStringConvertible {
        /// Which queue and state, in the order of the walk.
        var station = 0
        var due: Int64 = 0
        var id: Int64 = -1

        /// The beginning.
        init() {}

        /// Reads what `description` wrote; the beginning when it is something else.
        init(_ text: String) {
            let numbers = text.split(separator: " ").compactMap { Int64($0) }
            guard numbers.count == 3, let station = Int(exactly: numbers[0]), station >= 0 else { return }
            (self.station, due, id) = (station, numbers[1], numbers[2])
        }

        /// As text.
        var description: String { "\(station) \(due) \(id)" }
    }

    /// A delivery on the way.
    struct Row: Sendable {
        var delivery: DeliveryID
        var due: Int64
    }

    private let stations: [(queue: PluginNumber, state: DeliveryState)]
    /// Where it goes on.
    private(set) var position: Position

    /// A walk through `states` of `queues`.
    init(queues: [PluginNumber], states: [DeliveryState], at position: Position = Position()) {
        stations = queues.flatMap { queue in states.map { (queue, $0) } }
        self.position = position
    }

    /// The next deliveries with their state, at most `limit`; nil when the walk is over.
    mutating func next(
        _ limit: Int, _ writer: OutboxWriter
    ) throws(OutboxError) -> (state: DeliveryState, rows: [Row])? {
        while position.station < stations.count {
            let station = stations[position.station]
            for query in [WriterQuery.inStateSameDue, .inStateLaterDue] {
                let found = try read(query, station, limit, writer)
                if !found.isEmpty { return (station.state, found) }
            }
            let next = position.station + 1
            position = Position()
            position.station = next
        }
        return nil
    }

    /// Goes on right after `row`, one of those that were returned last.
    mutating func goBack(to row: Row) {
        position.due = row.due
        position.id = row.delivery.rawValue
    }

    private mutating func read(
        _ query: WriterQuery, _ station: (queue: PluginNumber, state: DeliveryState), _ limit: Int,
        _ writer: OutboxWriter
    ) throws(OutboxError) -> [Row] {
        let statement = try writer.database.prepare(query)
        statement.bind(1, station.queue.rawValue)
        statement.bind(2, station.state.rawValue)
        statement.bind(3, position.due)
        if query == .inStateSameDue { statement.bind(4, position.id) }
        statement.bind(5, Int64(limit))
        var found: [Row] = []
        while try statement.next() {
            let row = Row(delivery: DeliveryID(rawValue: statement.integer(0)), due: statement.integer(1))
            goBack(to: row)
            found.append(row)
        }
        return found
    }
}
