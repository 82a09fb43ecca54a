// Moments as text, by the arithmetic of the proleptic Gregorian calendar; no time zones, no leap seconds.

extension Timestamp {
    /// RFC 3339 in UTC with milliseconds: `2026-11-23T18:28:03.266Z`. Years outside 0 to 9999 are clamped.
    package var rfc3339: String {
        let clamped = min(max(milliseconds, Self.earliest), Self.latest)
        let day = CalendarDay(sinceEpoch: clamped.dividingDown(by: 86_400_000))
        var rest = clamped - clamped.dividingDown(by: 86_400_000) * 86_400_000
        var text: [UInt8] = []
        text.reserveCapacity(24)
        text.append(number: day.year, digits: 4)
        text.append(UInt8(ascii: "-"))
        text.append(number: day.month, digits: 2)
        text.append(UInt8(ascii: "-"))
        text.append(number: day.day, digits: 2)
        for (separator, factor, digits) in Self.clock {
            text.append(separator)
            text.append(number: Int(rest / factor), digits: digits)
            rest %= factor
        }
        text.append(UInt8(ascii: "Z"))
        return String(decoding: text, as: UTF8.self)
    }

    /// 0000-01-01T00:00:00.000Z.
    private static let earliest: Int64 = -62_167_219_200_000
    /// 9999-12-31T23:59:59.999Z.
    private static let latest: Int64 = 253_402_300_799_999
    private static let clock: [(UInt8, Int64, Int)] = [
        (UInt8(ascii: "T"), 3_600_000, 2), (UInt8(ascii: ":"), 60_000, 2), (UInt8(ascii: ":"), 1_000, 2),
        (UInt8(ascii: "."), 1, 3),
    ]
}

extension Int64 {
    /// Division that rounds down, also below zero.
    fileprivate func dividingDown(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}

extension [UInt8] {
    /// Appends `number` with at least `digits` decimal digits.
    fileprivate mutating func append(number: Int, digits: Int) {
        var divisor = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            append(0x30 + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }
}
