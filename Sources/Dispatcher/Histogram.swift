// Values counted by upper bound, as Prometheus shows them. Pure value; merged and read, never reset.

/// A histogram of durations in microseconds, or of sizes in bytes.
package struct Histogram: Sendable, Equatable {
    /// Upper bounds of attempts' durations, in microseconds.
    package static let bounds: [Int64] = [
        1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
        10_000_000, 30_000_000, 60_000_000, 300_000_000,
    ]
    /// Upper bounds of the time from acceptance to delivery, in microseconds: 5 ms to 3 days.
    package static let ages: [Int64] = [
        5000, 25_000, 100_000, 500_000, 1_000_000, 5_000_000, 30_000_000, 60_000_000, 300_000_000,
        1_800_000_000,
        3_600_000_000, 21_600_000_000, 86_400_000_000, 259_200_000_000,
    ]
    /// Upper bounds of events' sizes, in bytes.
    package static let sizes: [Int64] = [
        512, 1024, 2048, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864,
    ]

    /// Upper bounds of the buckets; one more bucket takes what is over.
    package let bounds: [Int64]
    /// Count of each bucket (not cumulative).
    package private(set) var counts: [Int64]
    /// Sum of all values.
    package private(set) var sum: Int64 = 0

    /// An empty histogram.
    package init(_ bounds: [Int64] = Histogram.bounds) {
        self.bounds = bounds
        counts = [Int64](repeating: 0, count: bounds.count + 1)
    }

    /// Values counted so far.
    package var count: Int64 { counts.reduce(0, +) }

    /// Counts a value.
    package mutating func add(_ value: Int64) {
        counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
        sum &+= max(0, value)
    }
}
