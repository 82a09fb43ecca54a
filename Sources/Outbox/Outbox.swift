// The outbox: the durable truth about events and deliveries. One thread owns the database; calls are posted to
// it and answered in batches, so that one transaction and one fsync serve everything that came together.
// Failure: a full disk fails the call (nothing stored, try again); a failed write or fsync ends the daemon.

import Mailbox
import Model

/// The durable outbox.
package final class Outbox: Sendable {
    /// Most bytes of event bodies in one call of `onClaims` (unless a single event is larger): 8 MiB.
    package static let maximumBytes = 8 << 20

    /// Opens the outbox in `directory`, which is made (mode 0700) if it is not there.
    ///
    /// Deliveries found `started` are held: their receiver may have acted on them.
    /// - Parameters:
    ///   - now: The wall clock.
    ///   - onClaims: Called on the outbox's thread with deliveries to try, never more than there is credit for.
    ///   - onBroken: Called once, on the outbox's thread, after a failed write or fsync: the daemon must exit.
    ///     Nothing is acknowledged after it.
    /// - Throws: `.locked` when another daemon has it, `.unusable` with the remedy, `.full`, `.broken`.
    package init(
        directory: String, now: @escaping @Sendable () -> Timestamp = { Timestamp(milliseconds: 0) },
        onClaims: @escaping @Sendable ([Claim]) -> Void,
        onBroken: @escaping @Sendable (OutboxError) -> Void
    ) throws(OutboxError) {
        fatalError("under construction")
    }

    /// Stores events, durably before `completion` (called on the outbox's thread): one acceptance for each
    /// arrival, in their order. A failure means that nothing of this call was stored.
    package func append(
        _ arrivals: [Arrival],
        completion: @escaping @Sendable (Result<[Acceptance], OutboxError>) -> Void
    ) {
        fatalError("under construction")
    }

    /// Stores what became of deliveries and releases their claims. While the disk is full the records are kept
    /// in memory, tried again every second, and nothing is handed out.
    package func record(
        _ records: [Record], completion: (@Sendable (Result<Void, OutboxError>) -> Void)? = nil
    ) {
        fatalError("under construction")
    }

    /// Asks for `count` more deliveries of `queue`; each one handed out uses one up. `order` holds for all of the
    /// queue's credit. A count of 0 only makes the outbox look at the clock again.
    package func addCredit(_ count: Int, queue: PluginNumber, order: ClaimOrder) {
        fatalError("under construction")
    }

    /// Takes back all credit of `queue`. Claims already on their way still arrive.
    package func withdrawCredit(queue: PluginNumber) {
        fatalError("under construction")
    }

    /// Gives claims back that were not tried: ready or waiting again as before.
    package func release(_ deliveries: [DeliveryID]) {
        fatalError("under construction")
    }

    /// Notes that the first byte of claimed deliveries is about to be sent; durable before `completion`.
    /// Those still so marked when the outbox is opened next are held.
    package func markStarted(
        _ deliveries: [DeliveryID], completion: @escaping @Sendable (Result<Void, OutboxError>) -> Void
    ) {
        fatalError("under construction")
    }

    /// Finishes what was posted, moves the log into the database, and waits for the thread. Calls after it fail
    /// with `.closed`. Not to be called on the outbox's own thread.
    package func close() {
        fatalError("under construction")
    }
}
