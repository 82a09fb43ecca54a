// Beginning, committing and abandoning the transaction that everything posted together shares.

import Glibc
import Model

extension OutboxWriter {
    /// Begins a transaction if none is open: whoever is about to write calls it.
    func begin() throws(OutboxError) {
        guard !transaction.isOpen else { return }
        try database.prepare(.begin).run()
        transaction.isOpen = true
    }

    /// Makes the transaction durable, then answers its callers and hands out what it brought.
    func commit() throws(OutboxError) {
        if transaction.isOpen {
            for change in counters.changed {
                let statement = try database.prepare(.setCounter)
                statement.bind(1, change.queue.rawValue)
                statement.bind(2, change.state.rawValue)
                statement.bind(3, change.count)
                try statement.run()
            }
            let start = Self.nanoseconds()
            try database.prepare(.commit).run()
            lastCommit = Self.nanoseconds() - start
        }
        let done = transaction
        transaction = Transaction()
        counters.commit()
        lastSequence += done.sequences
        for delivery in done.released { claims[delivery] = nil }
        for (delivery, state) in done.restated { claims[delivery]?.state = state }
        for (claim, line) in zip(done.fresh, done.freshLines) {
            claims[claim.delivery] = ClaimedRow(state: .ready, line: line)
            let index = Int(claim.delivery.queue.rawValue)
            queues[index].low = max(queues[index].low, claim.delivery.rawValue)
        }
        answer(done.answers)
        if done.hasRecords {
            for request in unsaved.takeAll() { request.completion?(.success(())) }
        }
        if !done.fresh.isEmpty { onClaims(done.fresh) }
    }

    /// Tells callers that their transaction is durable. Those who wait in a task are told by one task for all of them:
    /// to wake each from here would cost this thread a system call for each.
    private func answer(_ answers: [Transaction.Answer]) {
        var waiting: [Transaction.Answer] = []
        for answer in answers {
            if case .append(let request, _) = answer, request.isPrompt {
                waiting.append(answer)
            } else {
                answer.succeed()
            }
        }
        guard !waiting.isEmpty else { return }
        Task.detached { [waiting] in
            for answer in waiting { answer.succeed() }
        }
    }

    /// A clock that nobody sets. clock_gettime(2)
    static func nanoseconds() -> UInt64 {
        var moment = timespec()
        clock_gettime(CLOCK_MONOTONIC, &moment)
        return UInt64(moment.tv_sec) * 1_000_000_000 + UInt64(moment.tv_nsec)
    }

    /// Rolls the transaction back and tells its callers why. Records stay among the unsaved.
    func abandon(_ error: OutboxError) {
        let lost = transaction
        transaction = Transaction()
        counters.rollback()
        for claim in lost.fresh {
            let index = Int(claim.delivery.queue.rawValue)
            queues[index].credit += 1
        }
        for delivery in lost.released { claims[delivery]?.isEnding = false }
        var failure = error
        if !database.isIdle {
            do throws(OutboxError) {
                try database.prepare(.rollback).run()
            } catch {
                failure = error
            }
        }
        for answer in lost.answers { answer.fail(failure) }
        if case .full = failure { return }
        breakDown(failure)
    }
}
