// A cancel as a job: queue by queue, so that dispatch holds the one whose deliveries are called off and nobody else's.

import Model

/// Where a cancel is.
struct CancelPosition: CustomStringConvertible {
    /// The queue it is in.
    var queue: PluginNumber
    /// Where in it.
    var walk = DeliveryWalk.Position()

    /// The beginning of a queue.
    init(_ queue: PluginNumber) { self.queue = queue }

    /// Reads what `description` wrote; the beginning when it is something else.
    init(_ text: String) {
        let parts = text.split(separator: " ", maxSplits: 1)
        queue = PluginNumber(parts.first.flatMap { Int64($0) } ?? 0)
        if parts.count == 2 { walk = DeliveryWalk.Position(String(parts[1])) }
    }

    /// As text.
    var description: String { "\(queue.rawValue) \(walk)" }
}

extension JobRecord {
    /// The queue whose deliveries the next part of a cancel calls off; nil: it is no cancel.
    package var cancelledQueue: PluginNumber? {
        guard case .cancel(let filter, _)? = order else { return nil }
        return filter.queue ?? CancelPosition(position).queue
    }
}

extension OutboxWriter {
    /// Calls off in one queue only: where it has nothing left, the next part goes on in the next one.
    func advance(
        _ job: inout JobRecord, cancelling filter: DeliveryFilter, upTo last: Int64, by limit: Int
    ) throws(OutboxError) {
        guard let queue = job.cancelledQueue else { return }
        var position = CancelPosition(job.position)
        position.queue = queue
        var walk = DeliveryWalk(queues: [queue], states: states(of: filter, .cancel), at: position.walk)
        guard let (state, rows) = try walk.next(Self.jobSlice, self) else {
            if let next = next(after: queue, filter) {
                job.position = CancelPosition(next).description
            } else {
                job.state = .done
            }
            return
        }
        try change(rows, of: &walk, by: limit, job: &job) { row throws(OutboxError) in
            guard row.delivery.sequence <= last, try matches(row.delivery, filter) else { return nil }
            return try cancel(row.delivery, in: state)
        }
        position.walk = walk.position
        job.position = position.description
    }

    private func next(after queue: PluginNumber, _ filter: DeliveryFilter) -> PluginNumber? {
        guard filter.queue == nil else { return nil }
        return queues.indices.dropFirst(Int(queue.rawValue) + 1).map { PluginNumber(Int64($0)) }
            .first { count(filter, .cancel, in: $0) > 0 }
    }
}
