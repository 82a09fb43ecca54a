// The `Retry-After` header (RFC 9110, 10.2.3): a receiver's own word on when to come back.

/// Reads `Retry-After`.
package enum RetryAfter {
    /// Longest pause that a receiver may ask for.
    package static let cap = Span.days(1)

    /// The pause that `answer` asks for, at most a day; nil without the header, for garbage, and for moments that
    /// have passed. A date is measured from the answer's own `Date`, so that a receiver's wrong clock does no
    /// harm, else from `now`.
    package static func read(from answer: Answer, now: Timestamp) -> Span? {
        guard let text = answer.header("retry-after")?.trimmedBlanks(), !text.isEmpty else { return nil }
        let pause: Span
        if text.utf8.allSatisfy(\.isDigit) {
            pause = Int64(text).map { .seconds(min($0, 86_400)) } ?? cap
        } else if let moment = Timestamp(httpDate: text) {
            pause =
                moment - (answer.header("date").flatMap { Timestamp(httpDate: $0.trimmedBlanks()) } ?? now)
        } else {
            return nil
        }
        return pause.milliseconds > 0 ? min(pause, cap) : nil
    }
}
