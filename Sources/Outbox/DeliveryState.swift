// The states a delivery can be in, as stored.

/// State of a delivery.
package enum DeliveryState: Int64, Sendable, CaseIterable {
    /// To be tried as soon as its plugin can.
    case ready = 0
    /// To be tried again at `due`.
    case waiting = 1
    /// An attempt's first byte may have been sent (`on_ambiguous = hold` only); found at start, it is held.
    case started = 2
    /// Waits for the operator.
    case held = 3
    /// Given up, with a reason; kept for 30 days.
    case dead = 4
    /// Done.
    case delivered = 5
    /// Called off by the operator.
    case cancelled = 6
    /// Stands in line behind an earlier delivery, which `order` wants to be over first.
    case blocked = 7

    /// The word in commands, API and metrics.
    package var name: String {
        switch self {
        case .ready: "ready"
        case .waiting: "waiting"
        case .started: "started"
        case .held: "held"
        case .dead: "dead"
        case .delivered: "delivered"
        case .cancelled: "cancelled"
        case .blocked: "blocked"
        }
    }
}
