// When a failed delivery is tried again, and when it is given up. Pure.

/// Retry rules.
package enum RetryPolicy {
    /// Pause after the failed attempt number `attempt` (1 is the first): exponential with full jitter,
    /// never less than a tenth of `backoff.shortest`. `random` is a uniform 64-bit number.
    package static func nextDelay(attempt: Int, backoff: Backoff, random: UInt64) -> Span {
        backoff.shortest
    }

    /// Whether a delivery that failed `attempts` times is given up; `triedFor` counts only time in which it
    /// could be tried.
    package static func isExhausted(attempts: Int, triedFor: Span, plugin: Plugin) -> Bool {
        false
    }
}
