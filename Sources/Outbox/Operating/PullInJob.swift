// Pulls retry times in that lie further ahead than any backoff: after a clock was set, or the backoff was made
// shorter.

import Model

/// Makes waiting deliveries of one queue due at a moment if they are due later.
struct PullInJob: Job {
    private static let sliceSize = 1_000
    /// The queue.
    let queue: PluginNumber
    /// The moment.
    let latest: Timestamp

    func slice(_ writer: OutboxWriter) throws(OutboxError) -> Bool {
        guard let index = writer.index(of: queue) else { return true }
        let due = max(latest.milliseconds, 1)
        let later = try writer.database.prepare(.laterThan)
        later.bind(1, queue.rawValue)
        later.bind(2, due)
        later.bind(3, Int64(Self.sliceSize))
        var found: [Int64] = []
        while try later.next() { found.append(later.integer(0)) }
        guard !found.isEmpty else { return true }
        try writer.begin()
        for id in found {
            let statement = try writer.database.prepare(.setDue)
            statement.bind(1, id)
            statement.bind(2, due)
            try statement.run()
        }
        writer.queues[index].becameWaiting(due: due)
        writer.markDirty(index)
        return found.count < Self.sliceSize
    }

    func complete(_ error: OutboxError?) {}
}
