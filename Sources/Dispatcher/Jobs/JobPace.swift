// `--rate` of a job: how many deliveries it may make now. Pure; time is a parameter. Smooth, so that `60/m` is one a
// second and not sixty at once; what was not used for a while is not made up for.

import Model

/// A job's pace.
struct JobPace: Sendable {
    /// Deliveries a millisecond.
    private let speed: Double
    /// Most deliveries at once: a second's worth, and one at least.
    private let most: Double
    private var credit: Double
    private var last: Timestamp

    /// A pace that begins at `now`, with one delivery.
    init(rate: Rate, now: Timestamp) {
        speed = Double(rate.count) / Double(max(1, rate.period.milliseconds))
        most = max(1, speed * 1000)
        credit = 1
        last = now
    }

    /// How many deliveries may be made at `now`.
    mutating func allowance(at now: Timestamp) -> Int {
        credit = min(most, credit + max(0, Double((now - last).milliseconds)) * speed)
        last = now
        // What adding up has lost is no reason to wait.
        return Int(credit + 1e-9)
    }

    /// So many were made.
    mutating func spend(_ count: Int) { credit -= Double(count) }

    /// How long to wait for the next one.
    var wait: Span { .milliseconds(max(1, Int64(((1 - credit) / speed).rounded(.up)))) }
}
