// "did you mean": the valid word nearest to a mistyped one. Words are short; nothing here is on a hot path.

/// Suggestions for mistyped words.
package enum Nearest {
    /// The candidate nearest to `word` by edit distance (insertions, deletions, substitutions, neighbours
    /// swapped; case does not count); nil when more than a third of the word would have to change.
    package static func match(_ word: String, among candidates: some Sequence<String>) -> String? {
        let wanted = Array(word.lowercased().utf8.prefix(100))
        guard !wanted.isEmpty else { return nil }
        let limit = max(1, wanted.count / 3)
        var best: (distance: Int, candidate: String)?
        for candidate in candidates {
            let offered = Array(candidate.lowercased().utf8)
            guard abs(offered.count - wanted.count) <= limit else { continue }
            let distance = distance(wanted, offered)
            guard distance <= limit, distance < best?.distance ?? .max else { continue }
            best = (distance, candidate)
        }
        return best?.candidate
    }

    /// `; did you mean X?` for error messages; empty without a suggestion.
    package static func suggestion(_ word: String, among candidates: some Sequence<String>) -> String {
        match(word, among: candidates).map { "; did you mean `\($0)`?" } ?? ""
    }

    /// Optimal string alignment distance.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let cost = left[row] == right[column] ? 0 : 1
                var value = min(last[column] + cost, last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    value = min(value, beforeLast[column - 1] + 1)
                }
                current.append(value)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
