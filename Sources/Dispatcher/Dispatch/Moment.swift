// The two clocks' readings that queue rules need. Pure value.

import Model

/// A moment: the wall clock for what is stored, a steady one for rates and windows, which a clock that is set must
/// not disturb.
struct Moment: Sendable {
    /// Wall clock.
    var wall: Timestamp
    /// Advances evenly whatever happens to the wall clock.
    var steady: Timestamp
}
