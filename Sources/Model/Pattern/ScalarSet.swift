// Sets of Unicode scalars: what a class of a regular expression holds, and the same made quick to ask.

/// A set of Unicode scalars.
struct ScalarSet: Sendable, Equatable {
    /// Ranges of scalar values.
    var ranges: [ClosedRange<UInt32>]
    /// Everything but the ranges.
    var isNegated = false

    /// One scalar.
    init(_ scalar: Unicode.Scalar) {
        ranges = [scalar.value...scalar.value]
    }

    /// The scalars in `ranges`.
    init(ranges: [ClosedRange<UInt32>], isNegated: Bool = false) {
        self.ranges = ranges
        self.isNegated = isNegated
    }

    /// `\d`
    static let digits = ScalarSet(ranges: [0x30...0x39])
    /// `\w`
    static let word = ScalarSet(ranges: [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    /// `\s`
    static let space = ScalarSet(ranges: [0x09...0x0D, 0x20...0x20])

    /// Whether the set holds `scalar`.
    func contains(_ scalar: UInt32) -> Bool {
        for range in ranges where range.contains(scalar) { return !isNegated }
        return isNegated
    }

    /// The set without negation.
    var flattened: [ClosedRange<UInt32>] {
        guard isNegated else { return ranges }
        var result: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound > next { result.append(next...range.lowerBound - 1) }
            next = max(next, range.upperBound + 1)
        }
        if next <= 0x10FFFF { result.append(next...0x10FFFF) }
        return result
    }

    /// The set with the other case of each of its letters. Large ranges beyond ASCII are left as they are.
    var ignoringCase: ScalarSet {
        var all = ranges
        for range in ranges where range.count <= 1_024 {
            for value in range {
                guard let scalar = Unicode.Scalar(value) else { continue }
                for mapped in [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping] {
                    let scalars = mapped.unicodeScalars
                    if scalars.count == 1, let other = scalars.first?.value, other != value {
                        all.append(other...other)
                    }
                }
            }
        }
        return ScalarSet(ranges: all, isNegated: isNegated)
    }
}

/// A set that is asked for each scalar of a text.
struct ScalarTable: Sendable, Equatable {
    /// ASCII, a bit each.
    private let low: UInt64
    private let high: UInt64
    /// Everything.
    private let set: ScalarSet

    /// The same as `set`.
    init(_ set: ScalarSet) {
        self.set = set
        func bits(_ range: Range<UInt32>) -> UInt64 {
            range.reduce(0) { $0 | (set.contains($1) ? 1 << UInt64($1 & 63) : 0) }
        }
        low = bits(0..<64)
        high = bits(64..<128)
    }

    /// Whether the set holds `scalar`.
    @inline(__always)
    func contains(_ scalar: UInt32) -> Bool {
        guard scalar < 128 else { return set.contains(scalar) }
        return (scalar < 64 ? low : high) >> UInt64(scalar & 63) & 1 == 1
    }
}
