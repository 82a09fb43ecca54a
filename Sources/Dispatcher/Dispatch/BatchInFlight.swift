// A request with several deliveries, as the dispatch thread keeps it until its reply.

import Model
import Outbox

/// A batch being tried.
struct BatchInFlight {
    /// The queue it came from.
    let queue: PluginNumber
    /// Its deliveries, in the order in which they stand in the request.
    let claims: [Claim]
    /// What built its request and by whose rules it is settled, whatever is configured meanwhile.
    let builder: RequestBuilder
    /// When it started.
    let startedAt: Timestamp
    /// The request that waits for the deliveries' marks to be durable.
    var marked: Request?

    /// `on_ambiguous = hold`: marks must be durable before the request.
    var needsMark: Bool { builder.plugin.onAmbiguous == .hold }
}
