// Deliveries that the outbox hands out against a queue's credit. A claim lives in memory only: after a crash
// the delivery is ready again, which can only cause a repeat.

import Model

/// A delivery handed out to be tried.
package struct Claim: Sendable {
    /// The delivery.
    package var delivery: DeliveryID
    /// Attempts so far.
    package var attempts: Int
    /// For how long it could have been tried, in vain; what `max_age` is measured against.
    package var triedFor: Span
    /// When its state last changed: accepted, or tried last.
    package var updatedAt: Timestamp
    /// When the event was accepted.
    package var acceptedAt: Timestamp
    /// Id of the event.
    package var eventID: String
    /// The event's hook.
    package var eventType: String
    /// Id of the object the event is about.
    package var object: String?
    /// The event's bytes.
    package var body: [UInt8]
    /// For a write-back: what to write, as `Record` stored it; nil for other deliveries.
    package var task: [UInt8]?

    /// A delivery handed out.
    package init(
        delivery: DeliveryID, attempts: Int, triedFor: Span, updatedAt: Timestamp, acceptedAt: Timestamp,
        eventID: String, eventType: String, object: String?, body: [UInt8], task: [UInt8]?
    ) {
        self.delivery = delivery
        self.attempts = attempts
        self.triedFor = triedFor
        self.updatedAt = updatedAt
        self.acceptedAt = acceptedAt
        self.eventID = eventID
        self.eventType = eventType
        self.object = object
        self.body = body
        self.task = task
    }
}

/// In which order a queue's ready deliveries are handed out.
package enum ClaimOrder: Sendable, Equatable {
    /// Oldest first.
    case oldest
    /// Newest first.
    case newest
    /// Newest and oldest in turn.
    case fair
}
