// `rate`: how many attempts may start in a period. Pure; time is a parameter. A receiver that allows 5 a minute counts
// any minute: a bucket that starts full and is refilled meanwhile would let nearly 10 through in the first one. So the
// moments of the latest grants are kept, and each place is free again one period after it was taken.

/// Grants of attempts: never more than `rate.count` in any period of `rate.period`, in bursts if need be.
package struct RateBucket: Sendable {
    /// The rate it grants.
    package let rate: Rate
    /// Most moments that are kept; larger rates are kept as smaller ones in shorter windows.
    private static let mostPlaces = 4_096

    private let places: Int
    private let window: Span
    /// Moments of the latest grants, a ring that begins at `oldest`.
    private var grants: [Timestamp] = []
    private var oldest = 0

    /// Nothing granted yet.
    package init(rate: Rate) {
        self.rate = rate
        let count = max(1, rate.count)
        let parts = (count + Self.mostPlaces - 1) / Self.mostPlaces
        places = count / parts
        window = .milliseconds(max(1, (rate.period.milliseconds + Int64(parts) - 1) / Int64(parts)))
    }

    /// Answer to `take`.
    package enum Decision: Sendable, Equatable {
        /// One attempt may start.
        case allowed
        /// None before this moment.
        case wait(until: Timestamp)
    }

    /// Takes one attempt at `now`.
    package mutating func take(at now: Timestamp) -> Decision {
        forgetTheFuture(now)
        if grants.count < places {
            // The ring is turned only once it is full, so the newest is at its end here.
            grants.append(now)
            return .allowed
        }
        let free = grants[oldest] + window
        guard free <= now else { return .wait(until: free) }
        grants[oldest] = now
        oldest = (oldest + 1) % places
        return .allowed
    }

    /// Gives back the latest attempt taken that was not made after all.
    package mutating func giveBack() {
        guard !grants.isEmpty else { return }
        grants = Array(grants[oldest...] + grants[..<oldest])
        oldest = 0
        grants.removeLast()
    }

    /// After the clock was set back, grants of the future count as made now: nobody waits longer than a period.
    private mutating func forgetTheFuture(_ now: Timestamp) {
        guard let last = grants.isEmpty ? nil : grants[(oldest + grants.count - 1) % grants.count], last > now
        else {
            return
        }
        for index in grants.indices where grants[index] > now { grants[index] = now }
    }
}
