// The outbox: the durable truth about events and deliveries. One thread owns the database; calls are posted to
// it and answered in batches, so that one transaction and one fsync serve everything that came together.
// Failure: a full disk fails the call (nothing stored, try again); a failed write or fsync ends the daemon.

import Mailbox
import Model

/// The durable outbox.
package final class Outbox: Sendable {
    /// Most bytes of event bodies in one call of `onClaims` (unless a single event is larger): 8 MiB.
    package static let maximumBytes = 8 << 20

    private let mailbox: Mailbox<OutboxMessage>
    private let thread: WorkerThread
    private let isClosed = Lock(false)

    /// Opens the outbox in `directory`, which is made (mode 0700) if it is not there.
    ///
    /// Deliveries found `started` are held: their receiver may have acted on them.
    /// - Parameters:
    ///   - now: The wall clock.
    ///   - onClaims: Called on the outbox's thread with deliveries to try, never more than there is credit for.
    ///   - onBroken: Called once, on the outbox's thread, after a failed write or fsync: the daemon must exit.
    ///     Nothing is acknowledged after it.
    /// - Throws: `.locked` when another daemon has it, `.unusable` with the remedy, `.full`, `.broken`.
    package convenience init(
        directory: String, now: @escaping @Sendable () -> Timestamp = { .systemClock() },
        onClaims: @escaping @Sendable ([Claim]) -> Void,
        onBroken: @escaping @Sendable (OutboxError) -> Void
    ) throws(OutboxError) {
        try self.init(
            directory: directory, options: OutboxOptions(), now: now, onClaims: onClaims, onBroken: onBroken)
    }

    /// Opens the outbox with other storage settings, for tests and measurements.
    init(
        directory: String, options: OutboxOptions, now: @escaping @Sendable () -> Timestamp,
        onClaims: @escaping @Sendable ([Claim]) -> Void,
        onBroken: @escaping @Sendable (OutboxError) -> Void
    ) throws(OutboxError) {
        let place = try OutboxDirectory.make(directory)
        let mailbox = Mailbox<OutboxMessage>()
        let writer = try OutboxWriter(
            place, options, mailbox: mailbox, clock: now, onClaims: onClaims, onBroken: onBroken)
        self.mailbox = mailbox
        do {
            thread = try WorkerThread(name: "outbox") { writer.run() }
        } catch {
            throw .unusable("\(error)")
        }
    }

    deinit {
        // Without waiting: the last reference may go on the outbox's own thread.
        endPosting()
    }

    /// Stores events, durably before `completion` (called on the outbox's thread): one acceptance for each
    /// arrival, in their order. A failure means that nothing of this call was stored. With `isPrompt` they may
    /// overtake others that were posted before, and are answered on any thread: for single events whose producer waits.
    package func append(
        _ arrivals: [Arrival], isPrompt: Bool = false,
        completion: @escaping @Sendable (Result<[Acceptance], OutboxError>) -> Void
    ) {
        let request = AppendRequest(arrivals: arrivals, isJoint: false, isPrompt: isPrompt) { result in
            completion(result.map { $0.acceptances })
        }
        guard post(.append(request)) else { return completion(.failure(.closed)) }
    }

    /// Stores events together: all of them, or none if one is in conflict. Otherwise as `append`.
    package func appendAllOrNothing(
        _ arrivals: [Arrival],
        completion: @escaping @Sendable (Result<JointAcceptance, OutboxError>) -> Void
    ) {
        let request = AppendRequest(arrivals: arrivals, isJoint: true, completion: completion)
        guard post(.append(request)) else { return completion(.failure(.closed)) }
    }

    /// Stores what became of deliveries and releases their claims. While the disk is full the records are kept
    /// in memory, tried again every second, and nothing is handed out.
    package func record(
        _ records: [Record], completion: (@Sendable (Result<Void, OutboxError>) -> Void)? = nil
    ) {
        guard post(.record(RecordRequest(records: records, completion: completion))) else {
            completion?(.failure(.closed))
            return
        }
    }

    /// Asks for `count` more deliveries of `queue`; each one handed out uses one up. `order` holds for all of the
    /// queue's credit. A count of 0 only makes the outbox look at the clock again.
    package func addCredit(_ count: Int, queue: PluginNumber, order: ClaimOrder) {
        post(.addCredit(count, queue, order))
    }

    /// Takes back all credit of `queue`. Claims already on their way still arrive.
    package func withdrawCredit(queue: PluginNumber) {
        post(.withdrawCredit(queue))
    }

    /// Gives claims back that were not tried: ready or waiting again as before.
    package func release(_ deliveries: [DeliveryID]) {
        post(.release(deliveries))
    }

    /// Notes that the first byte of claimed deliveries is about to be sent; durable before `completion`.
    /// Those still so marked when the outbox is opened next are held.
    package func markStarted(
        _ deliveries: [DeliveryID], completion: @escaping @Sendable (Result<Void, OutboxError>) -> Void
    ) {
        guard post(.markStarted(deliveries, completion)) else { return completion(.failure(.closed)) }
    }

    /// Finishes what was posted, moves the log into the database, and waits for the thread. Calls after it fail
    /// with `.closed`. Not to be called on the outbox's own thread.
    package func close() {
        endPosting()
        thread.join()
    }

    /// - Returns: False when the outbox is closed; then nobody will read the message.
    @discardableResult
    func post(_ message: OutboxMessage) -> Bool {
        isClosed.withLock { isClosed in
            guard !isClosed else { return false }
            mailbox.post(message)
            return true
        }
    }

    private func endPosting() {
        isClosed.withLock { isClosed in
            guard !isClosed else { return }
            isClosed = true
            mailbox.post(.close)
        }
    }
}

extension JointAcceptance {
    /// One for each arrival of a request that cannot be refused.
    var acceptances: [Acceptance] {
        switch self {
        case .stored(let acceptances): acceptances
        case .refused: []
        }
    }
}
