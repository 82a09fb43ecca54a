// Figures in words: ages, sizes, moments. Pure.

import Model

/// How figures are shown to people.
enum Wording {
    /// `3 s`, `12 min`, `5 h`, `9 d`: the largest unit that says something.
    static func age(_ span: Span) -> String {
        let seconds = max(0, span.milliseconds) / 1000
        switch seconds {
        case ..<120: return "\(seconds) s"
        case ..<7200: return "\(seconds / 60) min"
        case ..<172_800: return "\(seconds / 3600) h"
        default: return "\(seconds / 86_400) d"
        }
    }

    /// `999 B`, `1.2 kB`, `34 MB`.
    static func size(_ bytes: Int64) -> String {
        let units = ["B", "kB", "MB", "GB", "TB", "PB"]
        var unit = 0
        var value = max(0, bytes) * 10
        while value >= 10_000, unit < units.count - 1 {
            value /= 1000
            unit += 1
        }
        return value < 100 && unit > 0
            ? "\(value / 10).\(value % 10) \(units[unit])" : "\(value / 10) \(units[unit])"
    }

    /// `1.234 s`, `12 ms`, `0.4 ms` of microseconds.
    static func duration(microseconds: Int64) -> String {
        if microseconds >= 1_000_000 {
            let thousandths = String(microseconds / 1000 % 1000)
            return "\(microseconds / 1_000_000)." + String(repeating: "0", count: 3 - thousandths.count)
                + thousandths + " s"
        }
        return microseconds >= 10_000
            ? "\(microseconds / 1000) ms" : "\(microseconds / 1000).\(microseconds / 100 % 10) ms"
    }

    /// `2026-11-23 18:28:03` of RFC 3339; UTC.
    static func moment(_ rfc3339: String) -> String {
        guard rfc3339.utf8.count >= 19 else { return rfc3339 }
        return String(rfc3339.prefix(19).map { $0 == "T" ? " " : $0 })
    }

    /// `1 event`, `2 events`.
    static func count(_ number: Int, _ noun: String) -> String {
        guard number != 1 else { return "1 \(noun)" }
        let plural =
            if noun.hasSuffix("y") { String(noun.dropLast()) + "ies" } else {
                noun + (noun.hasSuffix("s") ? "es" : "s")
            }
        return "\(number) \(plural)"
    }
}
