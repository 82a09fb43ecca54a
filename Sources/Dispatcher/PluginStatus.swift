// What an operator sees of a plugin: its state in a word, why, and the figures behind it.

import Model
import Outbox

/// A plugin's state and figures at one moment.
package struct PluginStatus: Sendable, Equatable {
    /// The plugin's name; `mwdb` for the queue of write-backs.
    package var name: String
    /// Its state.
    package var state: State
    /// Why it is in that state, in words; nil while running.
    package var reason: String?
    /// Deliveries in each state, from the outbox.
    package var counts: [DeliveryState: Int64] = [:]
    /// Deliveries being sent now.
    package var inFlight = 0
    /// Most deliveries that may be in flight now.
    package var window = 0
    /// The receiver does not answer and is probed, whatever word `state` has for it.
    package var isSuspended = false
    /// When the oldest delivery that is not final was accepted; nil: none waits.
    package var oldestPending: Timestamp?
    /// When the next retry is due; nil: none waits.
    package var nextRetry: Timestamp?
    /// Since the daemon's start: attempts that delivered.
    package var delivered: Int64 = 0
    /// Since the daemon's start: attempts that failed.
    package var failed: Int64 = 0
    /// Since the daemon's start: deliveries given up.
    package var dead: Int64 = 0
    /// Latest failure in words; nil: none since the last success.
    package var lastFailure: String?
    /// Attempt durations since the daemon's start, by upper bound.
    package var latency = Histogram()
    /// Time from acceptance to delivery since the daemon's start, by upper bound.
    package var ages = Histogram(Histogram.ages)

    /// A plugin's status; figures are zero until set.
    package init(name: String, state: State, reason: String? = nil) {
        self.name = name
        self.state = state
        self.reason = reason
    }

    /// The states an operator tells apart.
    package enum State: String, Sendable, Codable {
        /// Deliveries are sent as they come.
        case running
        /// The receiver asked for a pause (`Retry-After`) or a rate holds deliveries back.
        case slowed
        /// The receiver does not answer: only a probe is sent now and then.
        case suspended
        /// Answers say the configuration is wrong (URL, token, certificate); retried all the same.
        case misconfigured
        /// Paused by the operator or by a 410.
        case paused
        /// `enabled = 0` or gone from the configuration: its backlog is held.
        case disabled
    }
}
