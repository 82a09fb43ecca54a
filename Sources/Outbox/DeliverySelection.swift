// Which deliveries or events an operator means: by their ids, or by what they have in common.
// Used for listing (OutboxReader) and for acting on many at once (Outbox).

import Model

/// Deliveries an operator acts on.
package enum DeliverySelection: Sendable, Equatable {
    /// These.
    case ids([DeliveryID])
    /// All that match.
    case matching(DeliveryFilter)
}

/// What deliveries have in common; what is nil or empty does not restrict.
package struct DeliveryFilter: Sendable, Equatable {
    /// The queue they wait in: a plugin, or `.mwdb` for write-backs; nil: every queue.
    package var queue: PluginNumber?
    /// Their states; empty: every state (for an operation: every state that it applies to).
    package var states: Set<DeliveryState>
    /// Their event's hook.
    package var hook: String?
    /// Id of the object their event is about.
    package var object: String?
    /// Their event was accepted at this moment or later.
    package var since: Timestamp?
    /// Their event was accepted before this moment.
    package var until: Timestamp?
    /// HTTP status of their last attempt.
    package var status: Int?

    /// A filter that restricts to what is given.
    package init(
        queue: PluginNumber? = nil, states: Set<DeliveryState> = [], hook: String? = nil,
        object: String? = nil, since: Timestamp? = nil, until: Timestamp? = nil, status: Int? = nil
    ) {
        self.queue = queue
        self.states = states
        self.hook = hook
        self.object = object
        self.since = since
        self.until = until
        self.status = status
    }
}

/// Events an operator replays.
package enum EventSelection: Sendable, Equatable {
    /// The events with these ids; unknown ones are skipped.
    case ids([String])
    /// All that match.
    case matching(EventFilter)
}

/// What events have in common; nil does not restrict.
package struct EventFilter: Sendable, Equatable {
    /// Their hook.
    package var hook: String?
    /// Id of the object they are about.
    package var object: String?
    /// Accepted at this moment or later.
    package var since: Timestamp?
    /// Accepted before this moment.
    package var until: Timestamp?

    /// A filter that restricts to what is given.
    package init(
        hook: String? = nil, object: String? = nil, since: Timestamp? = nil, until: Timestamp? = nil
    ) {
        self.hook = hook
        self.object = object
        self.since = since
        self.until = until
    }
}
