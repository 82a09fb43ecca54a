// What Intake hands to the outbox, and what the outbox says of it once it is durable.

import Model

/// An event on its way into the outbox, with the plugins that want it.
package struct Arrival: Sendable {
    /// The event.
    package var event: Event
    /// Plugins that get a delivery; empty keeps only the event's id and digest.
    package var plugins: [PluginNumber]
    /// SHA-256 of the content that at least one of the plugins needs; nil: none does.
    package var content: String?

    /// An event wanted by `plugins`.
    package init(event: Event, plugins: [PluginNumber], content: String? = nil) {
        self.event = event
        self.plugins = plugins
        self.content = content
    }
}

/// What became of an arrival.
package enum Acceptance: Sendable, Equatable {
    /// New, durable, at this place in the order.
    case accepted(sequence: Int64)
    /// The same id with the same bytes is there already.
    case duplicate
    /// The same id with other bytes is there already; nothing was stored.
    case conflict
}
