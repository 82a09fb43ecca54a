// Reads the outbox for commands, API and dashboard, on a thread and a connection of its own, so that a long list
// never delays an append. Every call sees one consistent state.
// Failure: reading never harms what is stored; an error says what could not be read.

import Mailbox
import Model

/// Reads an outbox that a daemon may be using at the same time.
package final class OutboxReader: Sendable {
    /// Opens the outbox in `directory` for reading.
    /// - Throws: `.unusable` when there is none, or one with a newer schema.
    package init(
        directory: String, now: @escaping @Sendable () -> Timestamp = { Timestamp(milliseconds: 0) }
    ) throws(OutboxError) {
        fatalError("under construction")
    }

    /// Events that match, newest first.
    package func events(
        _ filter: EventFilter = EventFilter(), after: PageToken? = nil, limit: Int = 100
    ) async throws(OutboxError) -> Page<EventSummary> {
        fatalError("under construction")
    }

    /// The event `id` with its deliveries; nil when it is not there.
    package func event(_ id: String) async throws(OutboxError) -> EventDetail? {
        fatalError("under construction")
    }

    /// Deliveries that match, newest event first.
    package func deliveries(
        _ filter: DeliveryFilter = DeliveryFilter(), after: PageToken? = nil, limit: Int = 100
    ) async throws(OutboxError) -> Page<DeliverySummary> {
        fatalError("under construction")
    }

    /// The delivery with its event, attempts and siblings; nil when it is not there.
    package func delivery(_ id: DeliveryID) async throws(OutboxError) -> DeliveryDetail? {
        fatalError("under construction")
    }

    /// The delivery called `name`; nil when it is not there.
    package func find(_ name: DeliveryName) async throws(OutboxError) -> DeliveryID? {
        fatalError("under construction")
    }

    /// All plugins ever known, with the number of their deliveries in each state.
    package func plugins() async throws(OutboxError) -> [PluginRecord] {
        fatalError("under construction")
    }

    /// When the oldest pending (ready, waiting or started) delivery of `queue` was accepted; nil: none is pending.
    package func oldestPending(_ queue: PluginNumber) async throws(OutboxError) -> Timestamp? {
        fatalError("under construction")
    }

    /// When the next waiting delivery of `queue` is due; nil: none waits.
    package func nextDue(_ queue: PluginNumber) async throws(OutboxError) -> Timestamp? {
        fatalError("under construction")
    }

    /// Pending deliveries by queue and age.
    package func ageTable() async throws(OutboxError) -> AgeTable {
        fatalError("under construction")
    }

    /// Bytes used and left.
    package func sizes() async throws(OutboxError) -> OutboxSizes {
        fatalError("under construction")
    }

    /// The audit log, newest first.
    package func audit(after: PageToken? = nil, limit: Int = 100) async throws(OutboxError) -> Page<
        AuditEntry
    > {
        fatalError("under construction")
    }

    /// Ends the thread. Calls after it fail with `.closed`. To be called before the outbox's own `close`.
    package func close() {
        fatalError("under construction")
    }
}
