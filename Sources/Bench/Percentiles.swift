// The middle and the slow end of what was measured. Pure.

/// The middle and the slow end of some durations.
struct Percentiles: Sendable {
    /// Half are below it.
    let p50: Double
    /// All but one in a hundred are below it.
    let p99: Double

    /// Of `values`; 0 of none.
    init(_ values: [Double]) {
        let sorted = values.sorted()
        p50 = sorted.isEmpty ? 0 : sorted[sorted.count / 2]
        p99 = sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, sorted.count * 99 / 100)]
    }
}
