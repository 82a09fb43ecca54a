// `rate` and `backoff` as they are configured.

extension Rate {
    /// Reads `5/m`, `1/s`, `100/10s`: attempts in a period; a bare unit is one of it.
    /// - Throws: `ValueError` for anything else, for zero, and for periods over 36,500 days.
    package init(parsing text: String) throws(ValueError) {
        let example = "rates look like 5/m, 1/s or 100/10s"
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { $0.trimmedBlanks() }
        guard parts.count == 2, let count = Int(parts[0]), parts[0].utf8.allSatisfy(\.isDigit) else {
            throw ValueError("`\(text)` is no rate; \(example)")
        }
        guard count > 0, count <= 1_000_000_000 else {
            throw ValueError("`\(text)`: a rate is at least 1 and at most 1000000000 in a period")
        }
        let bare = !parts[1].isEmpty && parts[1].utf8.allSatisfy(\.isLetter)
        let period: Span
        do throws(ValueError) {
            period = try Span(parsing: bare ? "1" + parts[1] : parts[1])
        } catch {
            throw ValueError("`\(text)` is no rate (\(error.message)); \(example)")
        }
        guard period.milliseconds > 0 else { throw ValueError("`\(text)`: the period is zero; \(example)") }
        self.init(count: count, period: period)
    }
}

extension Rate {
    /// `5/m`, `100/10s`; what `init(parsing:)` reads.
    package var text: String {
        let words = period.words
        let isOne = words.first == "1" && words.dropFirst().allSatisfy(\.isLetter)
        return "\(count)/\(isOne ? String(words.dropFirst()) : words)"
    }
}

extension Backoff {
    /// Reads `5s..1h`, or one duration for a constant upper end.
    /// - Throws: `ValueError` for anything else, for zero, and when the second is shorter than the first.
    package init(parsing text: String) throws(ValueError) {
        let parts = text.split(separator: "..", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count) else {
            throw ValueError("`\(text)` is no backoff; write shortest..longest, for example 5s..1h")
        }
        let shortest = try Span(parsing: String(parts[0]))
        let longest = parts.count == 2 ? try Span(parsing: String(parts[1])) : shortest
        guard shortest.milliseconds > 0 else {
            throw ValueError("`\(text)`: the shortest pause is zero; write for example 5s..1h")
        }
        guard shortest <= longest else {
            throw ValueError(
                "`\(text)`: the longest pause is shorter than the shortest; write for example 5s..1h")
        }
        self.init(shortest: shortest, longest: longest)
    }
}
