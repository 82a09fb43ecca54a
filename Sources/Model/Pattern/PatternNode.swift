// A regular expression as a tree.

/// A part of a regular expression.
indirect enum PatternNode {
    /// Matches nothing, always.
    case empty
    /// One scalar out of a set.
    case set(ScalarSet)
    /// A place between scalars.
    case assertion(PatternAssertion)
    /// One after the other.
    case sequence([PatternNode])
    /// The first that leads to a match.
    case alternatives([PatternNode])
    /// The first capturing group of the expression; others need no trace.
    case capture(PatternNode)
    /// `minimum` to `maximum` times (nil: any number), as many as possible when `greedy`.
    case repetition(PatternNode, minimum: Int, maximum: Int?, greedy: Bool)
}

/// A place between scalars.
enum PatternAssertion: Sendable, Equatable {
    case start
    case end
    case lineStart
    case lineEnd
    case wordBoundary
    case noWordBoundary
}

/// Flags at the start of an expression.
struct PatternFlags {
    /// `i`: case does not matter.
    var ignoresCase = false
    /// `m`: `^` and `$` at each line.
    var multiline = false
    /// `s`: `.` matches line feeds too.
    var dotMatchesAll = false
}
