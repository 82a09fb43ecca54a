// What lists, pages and commands show of deliveries and events.

import Model

/// A delivery as a list shows it.
package struct DeliverySummary: Sendable, Equatable {
    /// The delivery.
    package var delivery: DeliveryID
    /// Its public name, `EVENTID/PLUGIN` or `EVENTID/PLUGIN/STEP`.
    package var name: DeliveryName
    /// Its state.
    package var state: DeliveryState
    /// When it is due; nil unless it waits.
    package var due: Timestamp?
    /// Attempts so far.
    package var attempts: Int
    /// For how long it could have been tried, in vain.
    package var triedFor: Span
    /// When its state last changed.
    package var updatedAt: Timestamp
    /// Why it waits, is held or is dead.
    package var reason: String?
    /// HTTP status of its last attempt.
    package var status: Int?
    /// The event's hook.
    package var hook: String
    /// Id of the object the event is about.
    package var object: String?
    /// When the event was accepted.
    package var acceptedAt: Timestamp
}

/// A delivery with everything that is known of it.
package struct DeliveryDetail: Sendable, Equatable {
    /// What a list shows of it.
    package var summary: DeliverySummary
    /// Its event.
    package var event: EventSummary
    /// The event's bytes; nil when they are no longer kept.
    package var body: [UInt8]?
    /// JSON object of the values taken from the answer.
    package var extracted: [UInt8]?
    /// For a write-back: what to write.
    package var task: [UInt8]?
    /// Its attempts, first to last.
    package var attempts: [Attempt]
    /// The event's other deliveries.
    package var siblings: [DeliverySummary]
}

/// An event as a list shows it.
package struct EventSummary: Sendable, Equatable {
    /// Its place in the order.
    package var sequence: Int64
    /// Its id.
    package var id: String
    /// Its hook.
    package var hook: String
    /// When it was accepted.
    package var acceptedAt: Timestamp
    /// Login of the user who caused it.
    package var actor: String?
    /// Id of the object it is about.
    package var object: String?
    /// SHA-256 of the content a plugin needs.
    package var content: String?
    /// The bytes are kept (no plugin wanted it, or its time is over, otherwise).
    package var isKept: Bool
}

/// An event with everything that is known of it.
package struct EventDetail: Sendable, Equatable {
    /// What a list shows of it.
    package var summary: EventSummary
    /// Its bytes; nil when they are not kept.
    package var body: [UInt8]?
    /// Its deliveries, in the order of steps and plugins.
    package var deliveries: [DeliverySummary]
}
