// `batch`: several deliveries of a plugin in one request.

/// How a plugin's deliveries are put together.
package struct Batching: Sendable, Equatable {
    /// `batch`: most deliveries in a request; 1: each has a request of its own, and the rest has no effect.
    package var count = 1
    /// `batch_wait`: longest time for which a delivery waits for others.
    package var wait = Span.seconds(1)
    /// `batch_bytes`: most bytes of events in a request; a larger event goes alone.
    package var bytes = 1_000_000
    /// `batch_format`: how the bodies stand beside each other.
    package var format = BatchFormat.array
    /// `batch_items`: JSON pointer to the list of outcomes in the answer, one for each delivery, in their order; nil:
    /// the answer is for all of them.
    package var items: String?

    /// None.
    package init() {}

    /// More than one delivery may go in a request.
    package var isOn: Bool { count > 1 }
}

/// `batch_format`: how the bodies of a batch stand beside each other.
package enum BatchFormat: String, Sendable, Equatable, CaseIterable {
    /// A JSON array.
    case array
    /// One after the other, a line break behind each.
    case ndjson
}
