// When a failed delivery is tried again, and when it is given up. Pure.

/// Retry rules.
package enum RetryPolicy {
    /// Fewest failed attempts before `max_age` counts.
    package static let fewestAttempts = 5

    /// Pause after the failed attempt number `attempt` (1 is the first): anywhere between a tenth of
    /// `backoff.shortest` and `shortest × 2^(attempt - 1)`, at most `longest` (exponential with full jitter; the
    /// lower end keeps a delivery from being repeated at once). `random` is a uniform 64-bit number.
    package static func nextDelay(attempt: Int, backoff: Backoff, random: UInt64) -> Span {
        let shortest = max(1, backoff.shortest.milliseconds)
        let longest = max(shortest, backoff.longest.milliseconds)
        let doublings = min(max(0, attempt - 1), 62)
        let (product, overflow) = shortest.multipliedReportingOverflow(by: 1 << Int64(doublings))
        let ceiling = overflow ? longest : min(product, longest)
        let floor = max(1, shortest / 10)
        let width = UInt64(ceiling - floor) + 1
        return .milliseconds(floor + Int64(random.multipliedFullWidth(by: width).high))
    }

    /// Whether a delivery that failed `attempts` times is given up; `triedFor` counts only time in which it
    /// could be tried.
    package static func isExhausted(attempts: Int, triedFor: Span, plugin: Plugin) -> Bool {
        if let most = plugin.maximumAttempts, attempts >= most { return true }
        return attempts >= fewestAttempts && triedFor >= plugin.maximumAge
    }

    /// Why such a delivery is dead, in words: the limit that was reached and the last failure.
    package static func exhaustion(attempts: Int, plugin: Plugin, last reason: String) -> String {
        if let most = plugin.maximumAttempts, attempts >= most {
            return "given up after \(attempts) attempts (max_attempts = \(most)); the last: \(reason)"
        }
        return
            "given up after \(attempts) attempts in \(plugin.maximumAge.words) (max_age); the last: \(reason)"
    }
}
