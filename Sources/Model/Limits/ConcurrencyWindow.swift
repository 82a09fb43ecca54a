// How many deliveries of one plugin may be in flight: grows on success, shrinks under pressure, closes for a
// dead receiver and probes it with one delivery. Pure; time is a parameter.

/// The window of concurrency of one plugin.
package struct ConcurrencyWindow: Sendable {
    /// Upper limit, the plugin's `concurrency`.
    package var maximum: Int

    /// A window that starts small.
    package init(maximum: Int) {
        self.maximum = maximum
    }

    /// What one finished attempt says about its receiver.
    package enum Signal: Sendable, Equatable {
        /// Answered as it should, after this time.
        case success(latency: Span)
        /// The receiver is alive and refuses this delivery; says nothing about load.
        case neutral
        /// 429, 503, time-out: too much.
        case congested
        /// No connection, or an error of the server.
        case failed
    }

    /// How many more attempts may start now while `inFlight` are under way.
    package func room(inFlight: Int, now: Timestamp) -> Int {
        max(0, maximum - inFlight)
    }

    /// Tells the window what came of an attempt; `inFlight` counts those still under way after it.
    /// `random` jitters the probe of a suspended receiver.
    package mutating func record(_ signal: Signal, inFlight: Int, now: Timestamp, random: UInt64) {}

    /// Suspended: the moment of the next probe; nil when open.
    package var suspendedUntil: Timestamp? { nil }
}
