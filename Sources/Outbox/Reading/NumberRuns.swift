// The numbers of deliveries in several queues and states, merged: each queue and state is a run that an index gives in
// order. A page goes through them once, however many rows it looks at: what was read and not looked at yet is kept.

import Model

/// Numbers of deliveries of some queues and states, highest first.
struct NumberRuns {
    /// The numbers of one queue and state.
    private struct Run {
        let queue: PluginNumber
        let state: DeliveryState
        var numbers: ArraySlice<Int64>
        /// The rest is below this; nil: there is no rest.
        var rest: Int64?
        var size = 16
    }

    private var runs: [Run] = []
    private let position: Int64
    /// Most numbers of a run that are read at a time. The first time they are few: there may be a thousand runs.
    private static let largest = 1024

    /// No runs; all that are added are read below `position`.
    init(below position: Int64) {
        self.position = position
    }

    /// Adds a queue and state, of which nothing has been read.
    mutating func add(_ queue: PluginNumber, _ state: DeliveryState) {
        runs.append(Run(queue: queue, state: state, numbers: [], rest: position))
    }

    /// Adds numbers of a queue that are in no order, all there are.
    mutating func add(_ queue: PluginNumber, _ state: DeliveryState, all numbers: [Int64]) {
        let numbers = numbers.filter { $0 < position }.sorted(by: >)
        runs.append(Run(queue: queue, state: state, numbers: numbers[...], rest: nil))
    }

    /// The next numbers, at most `limit`, less only at the end.
    mutating func next(_ limit: Int, from connection: ReadConnection) throws(OutboxError) -> [Int64] {
        var found: [Int64] = []
        while found.count < limit {
            var highest: Int?
            for index in runs.indices {
                try fill(index, connection)
                guard let first = runs[index].numbers.first else { continue }
                if first > highest.flatMap({ runs[$0].numbers.first }) ?? .min { highest = index }
            }
            guard let highest, let number = runs[highest].numbers.popFirst() else { break }
            // It may have been read in one state, and then in another.
            if number != found.last { found.append(number) }
        }
        return found
    }

    private mutating func fill(_ index: Int, _ connection: ReadConnection) throws(OutboxError) {
        guard runs[index].numbers.isEmpty, let rest = runs[index].rest else { return }
        let size = runs[index].size
        let numbers = try connection.inState(runs[index].queue, runs[index].state, below: rest, size)
        runs[index].numbers = numbers[...]
        runs[index].rest = numbers.count < size ? nil : numbers.last
        runs[index].size = min(2 * size, NumberRuns.largest)
    }
}
