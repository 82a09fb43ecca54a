// A set of HTTP statuses: `success = 2xx, 409`. Pure.

/// HTTP statuses as a list of ranges.
package struct StatusSet: Sendable, Equatable {
    /// The ranges, each within 100 to 599.
    package var ranges: [ClosedRange<Int>]

    /// Statuses in `ranges`.
    package init(ranges: [ClosedRange<Int>]) {
        self.ranges = ranges
    }

    /// 200 to 299.
    package static let twoHundreds = StatusSet(ranges: [200...299])

    /// Whether `status` is in the set.
    package func contains(_ status: Int) -> Bool {
        ranges.contains { $0.contains(status) }
    }
}
