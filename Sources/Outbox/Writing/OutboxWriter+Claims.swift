// Handing out: a queue that has credit gets its ready and due deliveries, read from where it stopped reading.
// Only what is handed out is in memory, however much waits.

import Model

extension OutboxWriter {
    /// What one call of `onClaims` gets.
    struct Batch {
        /// So many claims are enough for one call, so that appends do not wait for more.
        static let countLimit = 2_048

        var claims: [Claim] = []
        var bytes = 0

        var isFull: Bool { bytes >= Outbox.maximumBytes || claims.count >= Self.countLimit }
    }

    func addCredit(_ count: Int, _ queue: PluginNumber, _ order: ClaimOrder) {
        grow(to: queue)
        let index = Int(queue.rawValue)
        queues[index].credit += count
        queues[index].drain = order
        markDirty(index)
    }

    func withdrawCredit(_ queue: PluginNumber) {
        guard let index = index(of: queue) else { return }
        queues[index].credit = 0
    }

    /// Ends claims that were not tried. The rows are as they were, unless they were marked started.
    func release(_ deliveries: [DeliveryID]) {
        var unstarted: [DeliveryID] = []
        for delivery in deliveries {
            guard let row = claims[delivery], !row.isRecorded else { continue }
            // Released in the same breath as it is being marked: the mark has to go too. And what stands before it
            // in line has to go first from now on.
            if row.state == .started || transaction.restated.contains(where: { $0.delivery == delivery })
                || row.line != nil && queues[Int(delivery.queue.rawValue)].hasOvertaking
            {
                claims[delivery]?.isRecorded = true
                unstarted.append(delivery)
            } else {
                claims[delivery] = nil
                returned(delivery, in: row.state)
            }
        }
        if !unstarted.isEmpty {
            unsaved.add(RecordRequest(records: [], unstarted: unstarted, completion: nil))
        }
    }

    private func returned(_ delivery: DeliveryID, in state: DeliveryState) {
        guard let slot = state.unclaimed else { return }
        counters.addCommitted(1, delivery.queue, slot)
        let index = Int(delivery.queue.rawValue)
        if state == .ready {
            queues[index].becameReady(delivery.rawValue)
        } else {
            queues[index].becameWaiting(due: 0)
        }
        markDirty(index)
    }

    /// Makes a released, started delivery ready again.
    func unstart(_ delivery: DeliveryID) throws(OutboxError) {
        try begin()
        end(delivery)
        let line = claims[delivery]?.line
        if try change(delivery, from: .started, to: .ready) {
            count(delivery, from: .started, to: .ready, wasClaimed: true, isClaimed: false)
        } else if let state = try state(of: delivery), state.unclaimed != nil {
            // The transaction that was to mark it was abandoned: it is as it was, and free.
            counters.add(-1, delivery.queue, .state(state))
            count(delivery, from: nil, to: state, wasClaimed: false, isClaimed: false)
        }
        if let line { try settle(delivery.queue, line) }
    }

    /// Notes in the transaction that claimed deliveries are about to be sent.
    func markStarted(
        _ deliveries: [DeliveryID], _ completion: @escaping @Sendable (Result<Void, OutboxError>) -> Void
    ) throws(OutboxError) {
        try begin()
        transaction.rows += deliveries.count
        for delivery in deliveries {
            guard let row = claims[delivery], !row.isRecorded else { continue }
            guard try change(delivery, from: row.state, to: .started) else { continue }
            count(delivery, from: row.state, to: .started, wasClaimed: true, isClaimed: true)
            transaction.restated.append((delivery, .started))
        }
        transaction.answers.append(.markStarted(completion))
    }

    /// Changes a row's state if it is what we think it is.
    func change(
        _ delivery: DeliveryID, from old: DeliveryState, to new: DeliveryState, reason: String? = nil,
        updatedAt: Timestamp? = nil
    ) throws(OutboxError) -> Bool {
        let statement = try database.prepare(.changeState)
        statement.bind(1, delivery.rawValue)
        statement.bind(2, old.rawValue)
        statement.bind(3, new.rawValue)
        statement.bind(4, 0)
        statement.bind(5, reason)
        statement.bind(6, updatedAt?.milliseconds)
        return try statement.run() > 0
    }

    /// Notes that a queue may have something to hand out.
    func markDirty(_ index: Int) {
        guard !queues[index].isDirty else { return }
        queues[index].isDirty = true
        dirty.append(index)
    }

    /// Finds the queues whose next retry is due.
    func wakeDueQueues() {
        guard moment.milliseconds >= earliestDue else { return }
        earliestDue = .max
        for index in queues.indices where queues[index].credit > 0 {
            guard counters[PluginNumber(Int64(index)), .unclaimedWaiting] > 0 else { continue }
            if queues[index].nextDue <= moment.milliseconds {
                markDirty(index)
            } else {
                earliestDue = min(earliestDue, queues[index].nextDue)
            }
        }
    }

    /// Hands out one batch. Queues it has no room for stay dirty and are served first next time.
    func handOut() {
        guard !dirty.isEmpty, !unsaved.isStalled, broken == nil else { return }
        var batch = Batch()
        var served = 0
        do throws(OutboxError) {
            while served < dirty.count, !batch.isFull {
                let index = dirty[served]
                try serve(index, &batch)
                served += 1
                if batch.isFull { dirty.append(index) } else { queues[index].isDirty = false }
            }
        } catch {
            // What is already claimed goes out: the claims are made.
            if case .broken = error { return breakDown(error) }
        }
        dirty.removeFirst(served)
        if !batch.claims.isEmpty { onClaims(batch.claims) }
    }

    private func serve(_ index: Int, _ batch: inout Batch) throws(OutboxError) {
        let queue = PluginNumber(Int64(index))
        guard queues[index].credit > 0, !queues[index].isLiningUp else { return }
        let hasReady = counters[queue, .unclaimedReady] > 0
        if hasDue(index) {
            let share = hasReady ? queues[index].turns.share(of: queues[index].credit) : queues[index].credit
            try claimDue(index, atMost: share, &batch)
        }
        if hasReady { try claimReady(index, &batch) }
        if hasDue(index) { try claimDue(index, atMost: queues[index].credit, &batch) }
        if queues[index].credit > 0, counters[queue, .unclaimedWaiting] > 0 {
            earliestDue = min(earliestDue, queues[index].nextDue)
        }
    }

    private func hasDue(_ index: Int) -> Bool {
        queues[index].nextDue <= moment.milliseconds
            && counters[PluginNumber(Int64(index)), .unclaimedWaiting] > 0
    }

    private func claimReady(_ index: Int, _ batch: inout Batch) throws(OutboxError) {
        switch queues[index].drain {
        case .oldest: break
        case .newest: try claimNewest(index, atMost: queues[index].credit, &batch)
        case .fair:
            try claimNewest(index, atMost: queues[index].turns.share(of: queues[index].credit), &batch)
        }
        guard queues[index].drain != .newest, queues[index].credit > 0, !batch.isFull else { return }
        let statement = try database.prepare(.oldestReady)
        statement.bind(1, Int64(index))
        statement.bind(2, queues[index].low)
        let credit = queues[index].credit
        _ = try claim(statement, index, atMost: credit, &batch) { queue, id, _ in queue.low = id }
    }

    private func claimNewest(_ index: Int, atMost limit: Int, _ batch: inout Batch) throws(OutboxError) {
        let statement = try database.prepare(.newestReady)
        statement.bind(1, Int64(index))
        statement.bind(2, queues[index].high)
        _ = try claim(statement, index, atMost: limit, &batch) { queue, id, _ in queue.high = id }
    }

    private func claimDue(_ index: Int, atMost limit: Int, _ batch: inout Batch) throws(OutboxError) {
        guard limit > 0, !batch.isFull else { return }
        let statement = try database.prepare(.due)
        statement.bind(1, Int64(index))
        statement.bind(2, queues[index].dueFrom)
        statement.bind(3, moment.milliseconds)
        let isThrough = try claim(statement, index, atMost: limit, &batch) { queue, _, due in
            queue.dueFrom = due
        }
        guard isThrough else { return }
        let next = try database.prepare(.nextDue)
        next.bind(1, Int64(index))
        next.bind(2, moment.milliseconds)
        queues[index].nextDue = try next.next() ? next.integer(0) : .max
        next.reset()
    }

    /// Claims the statement's rows until there are `limit` or the batch is full, and moves the read position.
    /// - Returns: There were no more rows.
    private func claim(
        _ statement: Statement, _ index: Int, atMost limit: Int, _ batch: inout Batch,
        move: (inout ClaimQueue, _ id: Int64, _ due: Int64) -> Void
    ) throws(OutboxError) -> Bool {
        defer { statement.reset() }
        var left = limit
        while left > 0, !batch.isFull {
            guard try statement.next() else { return true }
            let delivery = DeliveryID(rawValue: statement.integer(0))
            move(&queues[index], delivery.rawValue, statement.integer(10))
            guard claims[delivery] == nil else { continue }
            let claim = Claim(delivery, statement)
            let state: DeliveryState = statement.integer(10) == 0 ? .ready : .waiting
            claims[delivery] = ClaimedRow(state: state, line: statement.optionalInteger(11))
            counters.addCommitted(-1, delivery.queue, state == .ready ? .unclaimedReady : .unclaimedWaiting)
            queues[index].credit -= 1
            left -= 1
            batch.bytes += claim.body.count
            batch.claims.append(claim)
        }
        return false
    }

    /// The queue's place, if there is such a queue.
    func index(of queue: PluginNumber) -> Int? {
        let index = Int(queue.rawValue)
        return queues.indices.contains(index) ? index : nil
    }
}

extension Claim {
    /// Reads the row that a claiming statement is at.
    fileprivate init(_ delivery: DeliveryID, _ row: Statement) {
        self.init(
            delivery: delivery, attempts: Int(row.integer(1)), triedFor: .milliseconds(row.integer(2)),
            updatedAt: Timestamp(milliseconds: row.integer(3)),
            acceptedAt: Timestamp(milliseconds: row.integer(5)), eventID: row.text(6), eventType: row.text(7),
            object: row.optionalText(8), body: row.optionalBytes(9) ?? [], task: row.optionalBytes(4))
    }
}
