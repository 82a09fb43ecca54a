// HTTP's dates (RFC 9110, 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`, and the two obsolete forms receivers must not
// send but recipients must read.

extension Timestamp {
    /// The moment that an HTTP date names; nil when it is none.
    package init?(httpDate text: String) {
        let words = text.split { $0 == " " || $0 == "," || $0 == "-" }
        // Sun 06 Nov 1994 08:49:37 GMT · Sunday 06 Nov 94 08:49:37 GMT · Sun Nov 6 08:49:37 1994
        let fields: (day: Substring, month: Substring, clock: Substring, year: Substring)
        switch words.count {
        case 6 where words[5] == "GMT": fields = (words[1], words[2], words[4], words[3])
        case 5: fields = (words[2], words[1], words[3], words[4])
        default: return nil
        }
        guard let month = Self.months.firstIndex(of: String(fields.month)),
            let dayNumber = Self.number(fields.day, digits: 1...2),
            let year = Self.year(fields.year),
            let day = CalendarDay(year: year, month: month + 1, day: dayNumber)
        else { return nil }
        let clock = fields.clock.split(separator: ":", omittingEmptySubsequences: false)
        guard clock.count == 3,
            let hour = Self.number(clock[0], digits: 2...2), hour < 24,
            let minute = Self.number(clock[1], digits: 2...2), minute < 60,
            let second = Self.number(clock[2], digits: 2...2), second <= 60
        else { return nil }
        let seconds = day.sinceEpoch * 86_400 + Int64(hour * 3_600 + minute * 60 + second)
        self.init(milliseconds: seconds * 1_000)
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Two digits are 1970 to 2069.
    private static func year(_ text: Substring) -> Int? {
        if let year = number(text, digits: 4...4) { return year }
        return number(text, digits: 2...2).map { $0 < 70 ? 2000 + $0 : 1900 + $0 }
    }

    private static func number(_ text: Substring, digits: ClosedRange<Int>) -> Int? {
        guard digits.contains(text.utf8.count), text.utf8.allSatisfy(\.isDigit) else { return nil }
        return Int(text)
    }
}
