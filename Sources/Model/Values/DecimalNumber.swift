// Numbers compared as they are written, without rounding: integers of MWDB may have 301 digits, and a size above
// 2^53 must not equal its neighbour.

/// A decimal number of any size, exact.
struct DecimalNumber: Sendable, Equatable, Comparable {
    /// Below zero.
    private let isNegative: Bool
    /// Significant digits, 0 to 9, neither leading nor trailing zeros; empty for zero.
    private let digits: [UInt8]
    /// The value is 0.digits × 10^exponent.
    private let exponent: Int

    /// Reads a number as JSON writes it: `-12.5e-3`; also with leading zeros or a plus sign. nil for anything
    /// else.
    init?(_ text: String) {
        var rest = text.utf8[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        let whole = rest.prefix(while: \.isDigit)
        rest = rest.dropFirst(whole.count)
        var fraction = rest.prefix(0)
        if rest.first == UInt8(ascii: ".") {
            fraction = rest.dropFirst().prefix(while: \.isDigit)
            guard !fraction.isEmpty else { return nil }
            rest = rest.dropFirst(1 + fraction.count)
        }
        guard !whole.isEmpty, let power = Self.power(rest) else { return nil }
        self.init(
            isNegative: isNegative, digits: Array(whole) + Array(fraction), point: whole.count, power: power)
    }

    /// An integer.
    init(_ value: Int64) {
        let digits = Array(String(value.magnitude).utf8)
        self.init(isNegative: value < 0, digits: digits, point: digits.count, power: 0)
    }

    private init(isNegative: Bool, digits: [UInt8], point: Int, power: Int) {
        let significant = digits.drop { $0 == 0x30 }
        let zeros = digits.count - significant.count
        var end = significant.endIndex
        while end > significant.startIndex, significant[end - 1] == 0x30 { end -= 1 }
        self.digits = Array(significant[..<end])
        exponent = self.digits.isEmpty ? 0 : point - zeros + power
        self.isNegative = isNegative && !self.digits.isEmpty
    }

    /// The exponent that `text` (`e-3`, or nothing) stands for; clamped far beyond what can be written out.
    private static func power(_ text: Substring.UTF8View) -> Int? {
        guard let mark = text.first else { return 0 }
        guard mark | 0x20 == UInt8(ascii: "e") else { return nil }
        var rest = text.dropFirst()
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        guard !rest.isEmpty, rest.allSatisfy(\.isDigit) else { return nil }
        let magnitude = Int(Substring(rest)).map { min($0, 1 << 40) } ?? 1 << 40
        return isNegative ? -magnitude : magnitude
    }

    static func < (left: DecimalNumber, right: DecimalNumber) -> Bool {
        if left.isNegative != right.isNegative { return left.isNegative }
        return left.isNegative
            ? right.isSmallerInMagnitude(than: left) : left.isSmallerInMagnitude(than: right)
    }

    private func isSmallerInMagnitude(than other: DecimalNumber) -> Bool {
        if digits.isEmpty || other.digits.isEmpty { return digits.isEmpty && !other.digits.isEmpty }
        if exponent != other.exponent { return exponent < other.exponent }
        return digits.lexicographicallyPrecedes(other.digits)
    }
}
