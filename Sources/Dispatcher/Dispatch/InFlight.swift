// A delivery being tried, as the dispatch thread keeps it between its first request and its outcome.

import Model
import Outbox

/// A delivery being tried.
struct InFlight {
    /// The queue it came from.
    let queue: PluginNumber
    /// The delivery.
    let claim: Claim
    /// What builds its requests and by whose rules it is settled, whatever is configured meanwhile; nil: it is a
    /// write-back.
    let builder: RequestBuilder?
    /// When it started.
    let startedAt: Timestamp
    /// Its requests.
    var exchange: any Exchange
    /// The request that waits for the delivery's mark to be durable.
    var marked: Request?

    /// `on_ambiguous = hold`: a mark must be durable before a request to the receiver.
    var needsMark: Bool {
        builder?.plugin.onAmbiguous == .hold && exchange.concernsReceiver
    }
}
