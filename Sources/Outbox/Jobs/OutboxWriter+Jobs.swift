// A job's slice on the writer's thread: walks on from where the job stopped, does a bounded part, and says where it is.

import Model

extension OutboxWriter {
    /// Rows that one slice looks at.
    static let jobSlice = 1_000
    /// So many jobs are kept; older ones that are through go.
    private static let jobsKept: Int64 = 1_000

    func addJob(
        _ order: JobOrder, rate: String?, who: String, total: Int64?
    ) throws(OutboxError) -> Result<JobRecord, OutboxError> {
        var order = order
        var total = total
        switch order {
        case .retry(let filter): total = count(filter, .retry)
        case .cancel(let filter, let last):
            total = count(filter, .cancel)
            order = .cancel(filter, last: min(last, lastSequence + transaction.sequences))
        case .replay(var replay):
            guard replay.plugin != .mwdb, index(of: replay.plugin) != nil else {
                return .failure(.unusable("events can only be replayed to a plugin that is registered"))
            }
            replay.last = min(replay.last, lastSequence + transaction.sequences)
            total = max(0, replay.last - replay.after)
            order = .replay(replay)
        case .backfill(let backfill):
            guard backfill.plugin != .mwdb, index(of: backfill.plugin) != nil else {
                return .failure(.unusable("objects can only be sent to a plugin that is registered"))
            }
        }
        try begin()
        let row = try database.prepare(.insertJob)
        row.bind(1, order.stored)
        row.bind(2, rate)
        row.bind(3, who)
        row.bind(4, moment.milliseconds)
        row.bind(5, total)
        guard try row.next() else { throw .broken("a new job has no number") }
        let id = row.integer(0)
        row.reset()
        let trim = try database.prepare(.trimJobs)
        trim.bind(1, id - Self.jobsKept)
        try trim.run()
        return .success(
            JobRecord(
                id: id, order: order, rate: rate, who: who, createdAt: moment, updatedAt: moment, total: total
            ))
    }

    func job(_ id: Int64) throws(OutboxError) -> JobRecord? {
        let row = try database.prepare(.job)
        row.bind(1, id)
        guard try row.next() else { return nil }
        defer { row.reset() }
        return JobRecord(row)
    }

    /// Stores how far a job has come.
    func save(_ job: inout JobRecord) throws(OutboxError) {
        job.updatedAt = moment
        let row = try database.prepare(.saveJob)
        row.bind(1, job.id)
        row.bind(2, job.state.rawValue)
        row.bind(3, job.updatedAt.milliseconds)
        row.bind(4, job.position)
        row.bind(5, job.examined)
        row.bind(6, job.done)
        row.bind(7, job.skipped)
        row.bind(8, job.problem)
        try row.run()
    }

    /// The next slice of a job, in the open transaction.
    func advance(_ job: inout JobRecord, by limit: Int) throws(OutboxError) {
        job.problem = nil
        switch job.order {
        case .retry(let filter)?: try advance(&job, retrying: filter, by: limit)
        case .cancel(let filter, let last)?:
            try advance(&job, cancelling: filter, upTo: last, by: limit)
        case .replay(let order)?: try advance(&job, replaying: order, by: limit)
        case .backfill?: break
        case nil:
            job.state = .failed
            job.problem = "a newer version ordered this job: it can only go on there"
        }
    }

    private func advance(
        _ job: inout JobRecord, retrying filter: DeliveryFilter, by limit: Int
    ) throws(OutboxError) {
        var walk = DeliveryWalk(
            queues: queues(of: filter), states: states(of: filter, .retry),
            at: DeliveryWalk.Position(job.position))
        guard let (state, rows) = try walk.next(Self.jobSlice, self) else {
            job.state = .done
            return
        }
        let start = job.createdAt
        try change(rows, of: &walk, by: limit, job: &job) { row throws(OutboxError) in
            guard try matches(row.delivery, filter) else { return nil }
            // One that was tried since the job began is not made ready once more by it.
            return try retry(row.delivery, in: state, untouchedSince: start)
        }
        job.position = walk.position.description
    }

    /// Changes rows that a walk came to, until `limit` were changed, and counts them in the job.
    /// - Parameter body: Whether it changed a row; nil: the job is not about it.
    func change(
        _ rows: [DeliveryWalk.Row], of walk: inout DeliveryWalk, by limit: Int, job: inout JobRecord,
        _ body: (DeliveryWalk.Row) throws(OutboxError) -> Bool?
    ) throws(OutboxError) {
        var changed = 0
        for (place, row) in rows.enumerated() {
            job.examined += 1
            guard let isChanged = try body(row) else { continue }
            if isChanged {
                job.done += 1
                changed += 1
            } else {
                job.skipped += 1
            }
            guard changed < limit else {
                if place + 1 < rows.count { walk.goBack(to: row) }
                break
            }
        }
    }

    /// In an order that stays, with new plugins at the end: a position counts them.
    private func queues(of filter: DeliveryFilter) -> [PluginNumber] {
        filter.queue.map { [$0] } ?? queues.indices.map { PluginNumber(Int64($0)) }
    }

    func states(of filter: DeliveryFilter, _ action: SelectionJob.Action) -> [DeliveryState] {
        action.states.filter { filter.states.isEmpty || filter.states.contains($0) }
    }

    private func count(_ filter: DeliveryFilter, _ action: SelectionJob.Action) -> Int64 {
        queues(of: filter).reduce(0) { $0 + count(filter, action, in: $1) }
    }

    /// Deliveries of a queue that a job would look at.
    func count(_ filter: DeliveryFilter, _ action: SelectionJob.Action, in queue: PluginNumber) -> Int64 {
        guard index(of: queue) != nil else { return 0 }
        return states(of: filter, action).reduce(0) { $0 + counters[queue, .state($1)] }
    }

    private func advance(
        _ job: inout JobRecord, replaying order: ReplayOrder, by limit: Int
    ) throws(OutboxError) {
        var position = max(order.after, Int64(job.position) ?? 0)
        let rows = try database.prepare(.eventsAfter)
        rows.bind(1, position)
        rows.bind(2, order.last)
        rows.bind(3, Int64(Self.jobSlice))
        var found: [(sequence: Int64, isMatch: Bool)] = []
        while try rows.next() { found.append((rows.integer(0), order.filter.matches(rows, from: 1))) }
        guard !found.isEmpty else {
            job.state = .done
            return
        }
        var changed = 0
        for (sequence, isMatch) in found {
            position = sequence
            job.examined += 1
            guard isMatch else { continue }
            let isReplayed =
                order.newID
                ? try copy(sequence, to: order.plugin) : try deliver(sequence, again: order.plugin)
            if isReplayed { job.done += 1 } else { job.skipped += 1 }
            changed += isReplayed ? 1 : 0
            guard changed < limit else { break }
        }
        job.position = String(position)
    }
}
