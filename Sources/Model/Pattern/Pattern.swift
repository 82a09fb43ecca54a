// Regular expressions of the configuration, matched against what strangers chose: file names, tags, answers.
// Swift's own engine backtracks: `(a+)+$` on thirty letters would hold a plugin's dispatch for hours. This one
// walks all alternatives at once (Thompson 1968; https://swtch.com/~rsc/regexp/regexp2.html), so that the time is
// bounded by text × pattern. The price: no back-references and no look-around; they are refused in words.

/// A regular expression with a time bound.
///
/// `. [a-z] [^x] \d \w \s \D \W \S \t \n \r \xHH \uHHHH ( ) (?: ) (?<name> ) | * + ? {m,n}` and their lazy forms,
/// `^ $ \A \z \b \B`, flags `(?ims)` at the start. Classes `\d \w \s` are ASCII; `$` is the end of the text only.
package struct Pattern: Sendable, Equatable {
    /// The expression as it was written.
    package let source: String
    /// What the matcher runs.
    let program: PatternProgram

    /// Longest text that is matched, in Unicode scalars; the rest is not looked at.
    package static let longestText = 65_536

    /// Parses `source`.
    /// - Throws: `ValueError` saying what is not understood, or that the expression is too large.
    package init(parsing source: String) throws(ValueError) {
        self.source = source
        var parser = PatternParser(source)
        let (node, flags) = try parser.parse()
        program = try PatternProgram(node, flags: flags)
    }

    /// Whether the expression matches somewhere in `text`.
    package func isFound(in text: String) -> Bool {
        PatternMatcher(program, text).find(wholeOnly: false, earliest: true) != nil
    }

    /// Whether the expression matches all of `text`; never of a text longer than `longestText`.
    package func matchesWhole(_ text: String) -> Bool {
        guard text.unicodeScalars.count <= Self.longestText else { return false }
        return PatternMatcher(program, text).find(wholeOnly: true, earliest: true) != nil
    }

    /// The first match in `text`: its first group when the expression has one (nil when that took no part),
    /// else all of it.
    package func capture(in text: String) -> String? {
        let matcher = PatternMatcher(program, text)
        guard let match = matcher.find(wholeOnly: false, earliest: false) else { return nil }
        return program.hasGroup ? match.group.map(matcher.text) : matcher.text(match.whole)
    }
}
