// Whether a receiver is getting slower: the mean latency of a round against what it used to be. Pure.

/// Latency of one receiver, round by round.
struct LatencyTrend: Sendable, Equatable {
    /// What the latency used to be in milliseconds, slowly following; nil before the first round.
    private var usual: Double?
    private var sum = 0.0
    private var count = 0

    /// A round is rising when its mean is beyond twice the usual and this many milliseconds: below, scheduling
    /// noise is larger than what the receiver does.
    private static let tolerance = 20.0
    /// Weight of the newest round.
    private static let weight = 0.1

    /// Notes `latency`; true when it completes a round of `round` replies whose latency has risen.
    mutating func isRising(after latency: Span, round: Int) -> Bool {
        sum += Double(max(0, latency.milliseconds))
        count += 1
        guard count >= max(1, round) else { return false }
        let mean = sum / Double(count)
        (sum, count) = (0, 0)
        guard let usual else {
            self.usual = mean
            return false
        }
        self.usual = usual + (mean - usual) * Self.weight
        return mean > usual * 2 + Self.tolerance
    }
}
