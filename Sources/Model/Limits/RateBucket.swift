// `rate`: how many attempts may start in a period. Pure; time is a parameter.

/// Grants of attempts: never more than `rate.count` in any period of `rate.period`.
package struct RateBucket: Sendable {
    /// The rate it grants.
    package let rate: Rate

    /// Nothing granted yet.
    package init(rate: Rate) {
        self.rate = rate
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
        .allowed
    }

    /// Gives back the latest attempt taken that was not made after all.
    package mutating func giveBack() {}
}
