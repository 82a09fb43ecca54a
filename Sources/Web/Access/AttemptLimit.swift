// How often one address may give a wrong token. A token of 160 bits cannot be guessed, and the right one is never
// refused; this keeps the log free of those who try. Pure: time is a parameter, memory is bounded.

import Model

/// Wrong tokens by address.
struct AttemptLimit: Sendable {
    /// So many wrong tokens at once are let through.
    static let burst = 10
    /// One more is let through after this time.
    static let refill = Span.seconds(6)
    /// Addresses remembered.
    static let capacity = 1024

    private var fullAgainAt: [String: Int64] = [:]

    /// In how many seconds `address` may try again; nil: now.
    func wait(_ address: String, now: Timestamp) -> Int? {
        let debt = (fullAgainAt[address] ?? 0) - now.milliseconds
        let allowed = Int64(AttemptLimit.burst - 1) * AttemptLimit.refill.milliseconds
        guard debt > allowed else { return nil }
        return Int((debt - allowed + 999) / 1000)
    }

    /// Counts a wrong token from `address`.
    mutating func fail(_ address: String, now: Timestamp) {
        if fullAgainAt.count >= AttemptLimit.capacity {
            fullAgainAt = fullAgainAt.filter { $0.value > now.milliseconds }
            // Thousands of addresses at once: whom we forget gets ten attempts more.
            if fullAgainAt.count >= AttemptLimit.capacity { fullAgainAt = [:] }
        }
        let start = max(fullAgainAt[address] ?? 0, now.milliseconds)
        fullAgainAt[address] = start + AttemptLimit.refill.milliseconds
    }
}
