// How many deliveries of one plugin may be in flight: grows on success, shrinks under pressure, closes for a dead
// receiver and probes it with one delivery. Pure; time and chance are parameters. The ideas are Postfix's (qmgr's
// feedback, dead destinations) and Vector's (adaptive concurrency: AIMD and latency).
//
// Open: a success in slow start adds one (the window doubles each round), later one each round. Congestion, failure and
// rising latency shrink it, at most once a round, and end slow start. After `deadAfter` failures without a success it
// is suspended; when the pause is over one delivery may start, its success opens the window at one, in slow start, and
// its failure doubles the pause.

/// The window of concurrency of one plugin.
package struct ConcurrencyWindow: Sendable, Equatable {
    /// Upper limit, the plugin's `concurrency`.
    package var maximum: Int
    /// Pauses before probes of a suspended receiver.
    package var probe: Backoff

    /// Failures in a row that make a receiver dead.
    package static let deadAfter = 5
    /// Deliveries in flight to a receiver that is not known yet.
    package static let initialSize = 4

    /// How many may be in flight, as a fraction; at least 1.
    private var size: Double
    private var isSlowStart = true
    /// Replies to come before the window may shrink again: those in flight when it did.
    private var repliesUntilShrink = 0
    private var failuresInARow = 0
    /// Suspensions without a success between them.
    private var suspensions = 0
    private var latency = LatencyTrend()

    /// Suspended: the moment of the next probe; nil when open.
    package private(set) var suspendedUntil: Timestamp?

    /// A window that starts small.
    package init(
        maximum: Int, probe: Backoff = Backoff(shortest: .seconds(5), longest: .minutes(5))
    ) {
        self.maximum = max(1, maximum)
        self.probe = probe
        size = Double(Self.initialSize)
    }

    /// What one finished attempt says about its receiver.
    package enum Signal: Sendable, Equatable {
        /// Answered as it should, after this time.
        case success(latency: Span)
        /// The receiver is alive and refuses this delivery; says nothing about load.
        case neutral
        /// 429, 503, time-out: too much.
        case congested
        /// No connection, an error of the server, or of the plugin's configuration.
        case failed
    }

    /// How many may be in flight now; 0 while suspended.
    package var limit: Int {
        suspendedUntil == nil ? max(1, min(Int(size), maximum)) : 0
    }

    /// How many more attempts may start now while `inFlight` are under way.
    package func room(inFlight: Int, now: Timestamp) -> Int {
        guard let suspendedUntil else { return max(0, limit - inFlight) }
        return now >= suspendedUntil && inFlight == 0 ? 1 : 0
    }

    /// Tells the window what came of an attempt; `inFlight` counts those still under way after it.
    /// `random`, a uniform 64-bit number, jitters the probe of a suspended receiver.
    package mutating func record(_ signal: Signal, inFlight: Int, now: Timestamp, random: UInt64) {
        repliesUntilShrink = max(0, repliesUntilShrink - 1)
        switch signal {
        case .success where suspendedUntil != nil:
            reopen()
        case .success(let time):
            reopen()
            if latency.isRising(after: time, round: limit) {
                shrink(by: 0.9, inFlight: inFlight)
            } else {
                grow(inFlight: inFlight)
            }
        case .neutral:
            reopen()
        case .congested:
            fail(shrinkingBy: 0.7, inFlight, now, random)
        case .failed:
            fail(shrinkingBy: 0.5, inFlight, now, random)
        }
    }

    /// Lets a suspended receiver be tried at once, on an operator's word.
    package mutating func wake(now: Timestamp) {
        if suspendedUntil != nil { suspendedUntil = now }
    }

    private mutating func reopen() {
        failuresInARow = 0
        suspensions = 0
        guard suspendedUntil != nil else { return }
        suspendedUntil = nil
        size = 1
        isSlowStart = true
        repliesUntilShrink = 0
        latency = LatencyTrend()
    }

    /// Only a window that is in use shows by success that it could be larger.
    private mutating func grow(inFlight: Int) {
        guard Double(inFlight + 1) * 2 >= size else { return }
        size = min(Double(maximum), size + (isSlowStart ? 1 : 1 / size))
    }

    private mutating func shrink(by factor: Double, inFlight: Int) {
        guard repliesUntilShrink == 0 else { return }
        isSlowStart = false
        size = max(1, min(size, Double(maximum)) * factor)
        repliesUntilShrink = inFlight
    }

    private mutating func fail(
        shrinkingBy factor: Double, _ inFlight: Int, _ now: Timestamp, _ random: UInt64
    ) {
        failuresInARow += 1
        if let suspendedUntil {
            // Before the probe's time these are replies to what was in flight; they add nothing.
            if now >= suspendedUntil { suspend(now, random) }
        } else if failuresInARow >= Self.deadAfter {
            suspend(now, random)
        } else {
            shrink(by: factor, inFlight: inFlight)
        }
    }

    /// Half of the pause is certain, the other half by chance: probes of many plugins do not meet.
    private mutating func suspend(_ now: Timestamp, _ random: UInt64) {
        let shortest = max(1, probe.shortest.milliseconds)
        let pause = max(shortest, min(probe.longest.milliseconds, shortest << Int64(min(suspensions, 20))))
        let chance = Int64(random.multipliedFullWidth(by: UInt64(pause / 2) + 1).high)
        suspendedUntil = now + .milliseconds(pause - pause / 2 + chance)
        suspensions += 1
    }
}
