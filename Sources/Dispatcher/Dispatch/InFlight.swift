// A delivery being tried, as the dispatch thread keeps it between its first request and its outcome.

import Model
import Outbox

/// A delivery being tried. A class, since it is looked up several times and each copy would hold on to a dozen parts.
final class InFlight {
    /// The queue it came from.
    let queue: PluginNumber
    /// The delivery.
    let claim: Claim
    /// What builds its requests, whatever is configured meanwhile; nil: it is a write-back.
    let builder: RequestBuilder?
    /// By whose rules it is settled.
    let settling: Settling
    /// When it started.
    let startedAt: Timestamp
    /// Its requests.
    var exchange: any Exchange
    /// The request that waits for the delivery's mark to be durable.
    var marked: Request?

    /// A delivery of `queue` whose first request is made by `exchange`.
    init(
        queue: PluginNumber, claim: Claim, builder: RequestBuilder?, settling: Settling, startedAt: Timestamp,
        exchange: any Exchange
    ) {
        self.queue = queue
        self.claim = claim
        self.builder = builder
        self.settling = settling
        isMarked = builder?.holdsAmbiguous ?? false
        self.startedAt = startedAt
        self.exchange = exchange
    }

    /// `on_ambiguous = hold`: a mark must be durable before a request to the receiver.
    var needsMark: Bool { isMarked && exchange.concernsReceiver }
    private let isMarked: Bool
}
