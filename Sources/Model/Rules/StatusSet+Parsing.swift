// Status sets as they are configured: `2xx, 409`.

extension StatusSet {
    /// Reads a list of `2xx`, `409`, `200-204`, separated by commas; statuses are 200 to 599.
    /// - Throws: `ValueError` for anything else and for an empty list.
    package init(parsing text: String) throws(ValueError) {
        var ranges: [ClosedRange<Int>] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            ranges.append(try Self.range(part.trimmedBlanks()))
        }
        self.init(ranges: ranges)
    }

    private static func range(_ word: String) throws(ValueError) -> ClosedRange<Int> {
        let bytes = Array(word.lowercased().utf8)
        let ends = word.split(separator: "-", omittingEmptySubsequences: false).map { $0.trimmedBlanks() }
        let range: ClosedRange<Int>
        if bytes.count == 3, bytes[0].isDigit, bytes[1...].elementsEqual("xx".utf8) {
            let hundreds = Int(bytes[0] - 0x30) * 100
            range = hundreds...hundreds + 99
        } else if ends.count <= 2, let first = status(ends.first), let last = status(ends.last), first <= last
        {
            range = first...last
        } else {
            throw ValueError("`\(word)` is no status; write for example 2xx, 409 or 200-204")
        }
        guard range.lowerBound >= 200, range.upperBound <= 599 else {
            throw ValueError("`\(word)`: final statuses are 200 to 599")
        }
        return range
    }

    private static func status(_ word: String?) -> Int? {
        guard let word, word.utf8.count == 3, word.utf8.allSatisfy(\.isDigit) else { return nil }
        return Int(word)
    }
}
