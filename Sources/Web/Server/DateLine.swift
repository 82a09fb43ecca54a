// The `date` header, formatted once a second and not once a request.

import Glibc
import Mailbox

/// The current date as HTTP writes it (RFC 9110, section 5.6.7).
final class DateLine: Sendable {
    private let cached = Lock((second: time_t(-1), text: ""))

    /// `Mon, 23 Nov 2026 18:28:03 GMT`.
    var text: String {
        let now = time(nil)
        return cached.withLock { cached in
            if cached.second != now { cached = (now, DateLine.format(now)) }
            return cached.text
        }
    }

    /// The moment `seconds` after the epoch as HTTP writes it.
    static func format(_ seconds: time_t) -> String {
        var seconds = seconds
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) "
            + "\(parts.tm_year + 1900) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
    }
}
