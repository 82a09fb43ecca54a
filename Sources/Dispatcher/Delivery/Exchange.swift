// A delivery's requests, one after the other: most need one, a missing sample is fetched first, a write-back may
// have to define its attribute. Pure state machines: replies go in, the next request or the conclusion comes out.

import Model
import Outbox

/// What an exchange does next.
enum ExchangeStep: Sendable {
    /// Send this request and bring its reply.
    case send(Request)
    /// Over: what it came to, and the reply to keep as the attempt's record.
    case finished(Conclusion, Reply?)
}

/// What an attempt came to.
enum Conclusion: Sendable, Equatable {
    /// What the table of answers says.
    case judged(Verdict)
    /// The operator must do something first; nothing is lost meanwhile.
    case held(reason: String)

    /// Try again later, for a reason that is not the receiver's configuration.
    static func retry(_ reason: String, misconfigured: Bool = false) -> Conclusion {
        .judged(.retry(reason: reason, misconfigured: misconfigured, retryAfter: nil))
    }

    /// Given up.
    static func dead(_ reason: String) -> Conclusion {
        .judged(.dead(reason: reason))
    }
}

/// The requests of one attempt at a delivery.
protocol Exchange: Sendable {
    /// The first step. `token` numbers the requests of this attempt.
    mutating func begin(token: UInt64, now: Timestamp) -> ExchangeStep
    /// The step after `reply`.
    mutating func next(_ reply: Reply, now: Timestamp) -> ExchangeStep
    /// The conclusion says something about the queue's own receiver, not about MWDB or our disk.
    var concernsReceiver: Bool { get }
}
