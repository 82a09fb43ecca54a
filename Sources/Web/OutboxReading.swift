// What the HTTP interface reads from the outbox. `OutboxReader` is it; tests put hostile rows and failures in its
// place. Its declarations say what each call gives.

import Model
import Outbox

/// Read access to the outbox.
package protocol OutboxReading: Sendable {
    /// Events that match, newest first.
    func events(_ filter: EventFilter, after: PageToken?, limit: Int) async throws(OutboxError)
        -> Page<EventSummary>
    /// The event `id` with its deliveries; nil when it is not there.
    func event(_ id: String) async throws(OutboxError) -> EventDetail?
    /// Deliveries that match, newest event first.
    func deliveries(_ filter: DeliveryFilter, after: PageToken?, limit: Int) async throws(OutboxError)
        -> Page<DeliverySummary>
    /// The delivery with its event, attempts and siblings; nil when it is not there.
    func delivery(_ id: DeliveryID) async throws(OutboxError) -> DeliveryDetail?
    /// The delivery called `name`; nil when it is not there.
    func find(_ name: DeliveryName) async throws(OutboxError) -> DeliveryID?
    /// All plugins ever known.
    func plugins() async throws(OutboxError) -> [PluginRecord]
    /// Pending deliveries by queue and age.
    func ageTable() async throws(OutboxError) -> AgeTable
    /// The audit log, newest first.
    func audit(after: PageToken?, limit: Int) async throws(OutboxError) -> Page<AuditEntry>
    /// Operators' jobs, newest first.
    func jobs(after: PageToken?, limit: Int) async throws(OutboxError) -> Page<JobRecord>
    /// The job `id`; nil when it is not there.
    func job(_ id: Int64) async throws(OutboxError) -> JobRecord?
    /// How many deliveries match, for a moment's look.
    func count(_ filter: DeliveryFilter) async throws(OutboxError) -> MatchCount
    /// How many events match, for a moment's look.
    func count(_ filter: EventFilter) async throws(OutboxError) -> MatchCount
    /// How many of these deliveries are in one of `states`.
    func count(_ deliveries: [DeliveryID], in states: Set<DeliveryState>) async throws(OutboxError) -> Int64
    /// How many events a replay of those called `ids` to `plugin` would deliver.
    func countReplayable(
        _ ids: [String], to plugin: PluginNumber, newID: Bool
    ) async throws(OutboxError) -> Int64
    /// The next events with their bytes, oldest first.
    func export(_ filter: EventFilter, after: PageToken?) async throws(OutboxError) -> ExportPage
    /// Bytes used and left.
    func sizes() async throws(OutboxError) -> OutboxSizes
}

extension OutboxReader: OutboxReading {}
