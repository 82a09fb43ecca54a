// Durations counted by upper bound, as Prometheus shows them. Pure value; merged and read, never reset.

/// A histogram of durations in microseconds.
package struct Histogram: Sendable, Equatable {
    /// Upper bounds of the buckets, in microseconds; one more bucket takes what is over.
    package static let bounds: [Int64] = [
        1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
        10_000_000, 30_000_000, 60_000_000, 300_000_000,
    ]
    /// Count of each bucket (not cumulative).
    package private(set) var counts = [Int64](repeating: 0, count: bounds.count + 1)
    /// Sum of all durations in microseconds.
    package private(set) var sum: Int64 = 0

    /// An empty histogram.
    package init() {}

    /// Durations counted so far.
    package var count: Int64 { counts.reduce(0, +) }

    /// Counts a duration.
    package mutating func add(_ microseconds: Int64) {
        let bucket = Histogram.bounds.firstIndex { microseconds <= $0 } ?? Histogram.bounds.count
        counts[bucket] += 1
        sum &+= max(0, microseconds)
    }
}
