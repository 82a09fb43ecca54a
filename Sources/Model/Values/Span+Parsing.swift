// Durations as they are configured: `100ms 5s 10m 1h 3d`.

extension Span {
    /// Longest duration that can be configured.
    package static let longestConfigurable = Span.days(36_500)

    /// Reads `100ms`, `5s`, `10m`, `1h`, `3d`, or a sum such as `1h 30m`; `0` needs no unit.
    /// - Throws: `ValueError` for anything else and for more than 36,500 days.
    package init(parsing text: String) throws(ValueError) {
        let example = "durations look like 100ms, 5s, 10m, 1h, 3d or 1h 30m"
        var rest = text.utf8[...].trimmed()
        guard !rest.isEmpty else { throw ValueError("the duration is empty; \(example)") }
        guard !rest.elementsEqual("0".utf8) else {
            self = .milliseconds(0)
            return
        }
        var total: Int64 = 0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isDigit }
            let unit = rest.dropFirst(digits.count).prefix { $0.isLetter }
            guard let count = Int64(Substring(digits)), !digits.isEmpty else {
                throw ValueError("`\(text)` is no duration; \(example)")
            }
            guard let factor = Self.milliseconds(inUnit: String(Substring(unit))) else {
                throw ValueError(
                    unit.isEmpty
                        ? "`\(text)` has no unit; \(example)"
                        : "`\(Substring(unit))` is no unit of time (ms, s, m, h, d)")
            }
            let (product, overflow) = count.multipliedReportingOverflow(by: factor)
            guard !overflow, product <= Self.longestConfigurable.milliseconds - total else {
                throw ValueError("`\(text)` is longer than 36500d")
            }
            total += product
            rest = rest.dropFirst(digits.count + unit.count).trimmed()
        }
        self = .milliseconds(total)
    }

    /// The duration in the largest units that give it exactly: `1h`, `90s`, `1500ms`; what `init(parsing:)` reads.
    package var words: String {
        let units: [(String, Int64)] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)]
        for (unit, factor) in units where milliseconds != 0 && milliseconds % factor == 0 {
            return "\(milliseconds / factor)\(unit)"
        }
        return milliseconds == 0 ? "0" : "\(milliseconds)ms"
    }

    private static func milliseconds(inUnit unit: String) -> Int64? {
        switch unit {
        case "ms": 1
        case "s": 1_000
        case "m": 60_000
        case "h": 3_600_000
        case "d": 86_400_000
        default: nil
        }
    }
}
