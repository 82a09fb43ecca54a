// Recording: what became of a claimed delivery, its attempt and its write-backs, in one transaction.

import Model

extension OutboxWriter {
    /// Takes a request in; it is stored with the next transaction, or some milliseconds later.
    func keep(_ request: RecordRequest) {
        for record in request.records { claims[record.delivery]?.isRecorded = true }
        unsaved.add(request)
        // Where what comes next waits for these outcomes, they do not wait for company.
        if !unsaved.isStalled, request.records.contains(where: { isHeldUp($0.delivery.queue) }) {
            unsaved.expire()
        }
    }

    /// Adds all unsaved records to the transaction.
    func storeRecords() throws(OutboxError) {
        transaction.hasRecords = true
        for request in unsaved.requests {
            for record in request.records { try store(record) }
            for delivery in request.unstarted { try unstart(delivery) }
        }
    }

    private func store(_ record: Record) throws(OutboxError) {
        try begin()
        transaction.rows += 3
        let claim = claims[record.delivery]
        if claim != nil { end(record.delivery) }
        if let state = claim?.state, state.canBeTried, try apply(record, to: state, wasClaimed: true) {
            if let line = claim?.line { try settle(record.delivery.queue, line) }
            return
        }
        // The row is not as its claim says: cancelled meanwhile, recorded twice, or swept.
        guard let state = try state(of: record.delivery) else { return }
        switch state {
        case .ready, .waiting, .started, .held, .blocked:
            let line = try line(of: record.delivery)
            _ = try apply(record, to: state, wasClaimed: false)
            if let line { try settle(record.delivery.queue, line) }
        case .dead, .delivered, .cancelled:
            // What was decided stays; that it was tried is true all the same.
            guard let attempt = record.attempt else { return }
            try insert(attempt, of: record.delivery)
            let statement = try database.prepare(.noteAttempts)
            statement.bind(1, record.delivery.rawValue)
            statement.bind(2, Int64(attempt.number))
            try statement.run()
        }
    }

    /// - Returns: The row was in `state` and is changed.
    private func apply(
        _ record: Record, to state: DeliveryState, wasClaimed: Bool
    ) throws(OutboxError) -> Bool {
        var due: Int64 = 0
        let statement = try database.prepare(.applyRecord)
        statement.bind(1, record.delivery.rawValue)
        statement.bind(2, state.rawValue)
        statement.bind(8, nil as String?)
        statement.bind(9, nil as [UInt8]?)
        switch record.change {
        case .delivered(let extracted, _): statement.bind(9, extracted)
        case .retry(let at, let reason):
            due = max(at.milliseconds, 1)
            statement.bind(8, reason)
        case .held(let reason), .dead(let reason): statement.bind(8, reason)
        }
        let next = record.change.state
        statement.bind(3, next.rawValue)
        statement.bind(4, due)
        statement.bind(5, record.attempt.map { Int64($0.number) })
        statement.bind(6, record.triedFor.milliseconds)
        statement.bind(7, (record.attempt?.endedAt ?? moment).milliseconds)
        guard try statement.run() > 0 else { return false }
        count(record.delivery, from: state, to: next, due: due, wasClaimed: wasClaimed, isClaimed: false)
        if let attempt = record.attempt { try insert(attempt, of: record.delivery) }
        if case .delivered(_, let writeBacks) = record.change {
            try insert(writeBacks, of: record.delivery, at: record.attempt?.endedAt ?? moment)
        }
        return true
    }

    /// Keeps the counters and the queue's read positions right when a row's state has changed.
    func count(
        _ delivery: DeliveryID, from old: DeliveryState?, to new: DeliveryState, due: Int64 = 0,
        wasClaimed: Bool, isClaimed: Bool
    ) {
        let queue = delivery.queue
        if let old {
            counters.add(-1, queue, .state(old))
            if !wasClaimed, let slot = old.unclaimed { counters.add(-1, queue, slot) }
        }
        counters.add(1, queue, .state(new))
        guard !isClaimed, let slot = new.unclaimed else { return }
        counters.add(1, queue, slot)
        let index = Int(queue.rawValue)
        if new == .ready {
            queues[index].becameReady(delivery.rawValue)
        } else {
            queues[index].becameWaiting(due: due)
        }
        markDirty(index)
    }

    /// The state of a row; nil: there is no such row.
    func state(of delivery: DeliveryID) throws(OutboxError) -> DeliveryState? {
        let statement = try database.prepare(.stateOf)
        statement.bind(1, delivery.rawValue)
        guard try statement.next() else { return nil }
        defer { statement.reset() }
        return DeliveryState(rawValue: statement.integer(0))
    }

    private func insert(_ attempt: Attempt, of delivery: DeliveryID) throws(OutboxError) {
        let statement = try database.prepare(.insertAttempt)
        statement.bind(1, delivery.rawValue)
        statement.bind(2, Int64(attempt.number))
        statement.bind(3, attempt.startedAt.milliseconds)
        statement.bind(4, attempt.endedAt.milliseconds)
        statement.bind(5, attempt.timings.resolved)
        statement.bind(6, attempt.timings.connected)
        statement.bind(7, attempt.timings.secured)
        statement.bind(8, attempt.timings.firstByte)
        statement.bind(9, attempt.timings.total)
        statement.bind(10, attempt.status.map { Int64($0) })
        statement.bind(11, attempt.failure)
        statement.bind(12, attempt.message)
        statement.bind(13, attempt.remoteAddress)
        statement.bind(14, attempt.answerHeaders)
        try attempt.answerBody.withUnsafeBufferPointer { bytes throws(OutboxError) in
            statement.bind(15, bytes)
            try statement.run()
        }
    }

    /// Write-backs take the first free steps: those of an earlier delivery of the same event are kept.
    private func insert(
        _ writeBacks: [NewWriteBack], of delivery: DeliveryID, at moment: Timestamp
    ) throws(OutboxError) {
        var step: Int64 = 1
        for writeBack in writeBacks {
            let state = writeBack.dead == nil ? DeliveryState.ready : .dead
            while step <= 255 {
                let id = DeliveryID(sequence: delivery.sequence, step: step, plugin: delivery.plugin)
                step += 1
                let statement = try database.prepare(.insertWriteBack)
                statement.bind(1, id.rawValue)
                statement.bind(2, state.rawValue)
                statement.bind(3, moment.milliseconds)
                statement.bind(4, writeBack.dead)
                statement.bind(5, writeBack.task)
                guard try statement.run() > 0 else { continue }
                transaction.rows += 1
                count(id, from: nil, to: state, wasClaimed: false, isClaimed: false)
                break
            }
        }
    }
}

extension Record.Change {
    /// The state it leads to.
    var state: DeliveryState {
        switch self {
        case .delivered: .delivered
        case .retry: .waiting
        case .held: .held
        case .dead: .dead
        }
    }
}

extension DeliveryState {
    /// It is claimed to be tried, or could be.
    var canBeTried: Bool { self == .ready || self == .waiting || self == .started }

    /// Where deliveries of this state are counted that nobody has claimed; nil: they cannot be claimed.
    var unclaimed: Counters.Slot? {
        switch self {
        case .ready: .unclaimedReady
        case .waiting: .unclaimedWaiting
        default: nil
        }
    }
}
