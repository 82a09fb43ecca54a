// What a queue has done since the daemon's start, counted as attempts are settled.

import Model

/// A queue's counters.
struct PluginFigures: Sendable {
    private var delivered: Int64 = 0
    private var failed: Int64 = 0
    private var dead: Int64 = 0
    private var lastFailure: String?
    private var latency = Histogram()
    private var ages = Histogram(Histogram.ages)

    /// Nothing counted yet.
    init() {}

    /// Counts a settled attempt at a delivery whose event was accepted `age` ago.
    mutating func count(_ settlement: Settlement, _ reply: Reply?, age: Span) {
        if let reply { latency.add(reply.timings.total) }
        switch settlement.outcome {
        case .delivered:
            delivered += 1
            ages.add(age.milliseconds * 1000)
            lastFailure = nil
        case .failed(let reason), .held(let reason):
            failed += 1
            lastFailure = reason
        case .dead(let reason):
            failed += 1
            dead += 1
            lastFailure = reason
        }
    }

    /// Puts the counters into a status.
    func fill(_ status: inout PluginStatus) {
        status.delivered = delivered
        status.failed = failed
        status.dead = dead
        status.lastFailure = lastFailure
        status.latency = latency
        status.ages = ages
    }
}
