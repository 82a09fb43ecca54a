// "did you mean": the valid word nearest to a mistyped one.

/// Suggestions for mistyped words.
package enum Nearest {
    /// The candidate nearest to `word` by edit distance; nil when none is near enough to be meant.
    package static func match(_ word: String, among candidates: some Sequence<String>) -> String? {
        nil
    }
}
