// What an operator orders; the pipeline makes a job of it that the outbox keeps.

import Model
import Outbox

/// An order for a job.
package enum JobRequest: Sendable, Equatable {
    /// Make deliveries ready at once.
    case retry(DeliveryFilter)
    /// Call deliveries off.
    case cancel(DeliveryFilter)
    /// Deliver events again to a plugin.
    case replay(EventFilter, plugin: String, newID: Bool)
    /// Send events about objects that MWDB has to a plugin.
    case backfill(BackfillRequest)
}

/// An order for a backfill.
package struct BackfillRequest: Sendable, Equatable {
    /// Which objects, in MWDB's search language; nil: all.
    package var query: String?
    /// The plugin that gets them.
    package var plugin: String
    /// The hook of the events; nil: the one of each object's type.
    package var hook: String?

    /// A backfill.
    package init(query: String?, plugin: String, hook: String? = nil) {
        self.query = query
        self.plugin = plugin
        self.hook = hook
    }
}
