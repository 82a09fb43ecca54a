// Chance for pauses between attempts: spread is all that is wanted of it, so no system call for each number.
// SplitMix64 (Steele, Lea, Flood 2014), seeded by the system.

/// Uniform numbers that nobody need be unable to guess.
struct JitterGenerator: RandomNumberGenerator {
    private var state: UInt64

    /// Numbers of their own for each generator.
    init() {
        var system = SystemRandomNumberGenerator()
        state = system.next()
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
