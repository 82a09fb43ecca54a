// How fast a queue gets its deliveries done: what it may claim and hand to the courier ahead of need is what it will
// use up in some milliseconds. So a fast queue never waits for another thread, and a slow one holds next to nothing
// back from events that come later. Pure.

import Model

/// Attempts that end in a millisecond, measured over and over.
struct Pace: Sendable {
    /// Shortest time over which is measured.
    private static let period = Span.milliseconds(20)

    private var since: Timestamp?
    private var count = 0
    private var perMillisecond = 0.0

    /// Notes the end of an attempt at `now` of the steady clock.
    mutating func note(_ now: Timestamp) {
        guard let start = since else {
            since = now
            return
        }
        count += 1
        guard now - start >= Pace.period else { return }
        perMillisecond = Double(count) / Double((now - start).milliseconds)
        count = 0
        since = now
    }

    /// Attempts that end within `span`, as of late.
    func attempts(within span: Span) -> Int {
        Int(perMillisecond * Double(span.milliseconds))
    }
}
