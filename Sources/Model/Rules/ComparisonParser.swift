// Reads one line of a filter or a condition: `[not] subject operator value | value`.

/// One line taken apart.
struct ComparisonLine: Sendable, Equatable {
    /// `not` stands in front.
    var isNegated: Bool
    /// What is compared, as it was written.
    var subject: String
    /// nil when the line ends after the subject.
    var comparison: Comparison?
}

/// Reads a line from left to right.
struct ComparisonParser {
    private var rest: Substring

    /// A parser at the beginning of `line`.
    init(_ line: String) {
        rest = line[...]
    }

    /// The line's parts.
    /// - Throws: `ValueError` saying what is not understood and what would be right.
    mutating func line() throws(ValueError) -> ComparisonLine {
        var subject = word()
        let isNegated = subject == "not"
        if isNegated { subject = word() }
        guard !subject.isEmpty else {
            throw ValueError("nothing is compared; write for example file.file_size <= 100MB")
        }
        guard Comparison.Operator(rawValue: subject) == nil || subject.utf8.allSatisfy(\.isLetter) else {
            throw ValueError(
                "a path is missing in front of `\(subject)`; write for example file.file_size <= 100MB")
        }
        let operation = word()
        if operation.isEmpty {
            return ComparisonLine(isNegated: isNegated, subject: subject, comparison: nil)
        }
        return ComparisonLine(
            isNegated: isNegated, subject: subject, comparison: try comparison(operation, after: subject))
    }

    private mutating func comparison(_ word: String, after subject: String) throws(ValueError) -> Comparison {
        guard let operation = Comparison.Operator(rawValue: word) else {
            throw ValueError("`\(word)` is no operator (\(Self.operators))\(Self.hint(word))")
        }
        if operation == .exists {
            guard nextWord().isEmpty else {
                throw ValueError("`exists` takes no value; one condition a line")
            }
            return Comparison(operation: operation, operands: [])
        }
        var operands: [Comparison.Operand] = []
        repeat {
            operands.append(try operand(of: operation))
        } while takeSeparator(of: operation)
        guard rest.isEmpty else {
            throw ValueError(
                "`\(rest)` is left over after the value; put text with spaces in double quotes, one condition a line"
            )
        }
        return Comparison(operation: operation, operands: operands)
    }

    // MARK: Values

    private mutating func operand(of operation: Comparison.Operator) throws(ValueError) -> Comparison.Operand
    {
        skipBlanks()
        if rest.first == "\"" {
            guard let text = QuotedText.take(from: &rest) else {
                throw ValueError("the double quote is not closed")
            }
            skipBlanks()
            return try Comparison.Operand(text, isBare: false, for: operation)
        }
        let text = String(rest.prefix { !isBlank($0) && $0 != "|" && !($0 == "," && operation == .isIn) })
        guard !text.isEmpty else { throw ValueError("a value is missing after `\(operation.rawValue)`") }
        guard !text.contains("\""), text.first != "'" else {
            throw ValueError("`\(text)`: quotes are double and stand around the whole value")
        }
        rest = rest.dropFirst(text.count)
        skipBlanks()
        return try Comparison.Operand(text, isBare: true, for: operation)
    }

    private mutating func takeSeparator(of operation: Comparison.Operator) -> Bool {
        guard rest.first == "|" || rest.first == "," && operation == .isIn else { return false }
        rest = rest.dropFirst()
        return true
    }

    // MARK: Words

    private mutating func word() -> String {
        let word = nextWord()
        rest = rest.dropFirst(word.count)
        return word
    }

    /// The next word, not consumed; empty at the end.
    private mutating func nextWord() -> String {
        skipBlanks()
        return String(rest.prefix { !isBlank($0) })
    }

    private mutating func skipBlanks() {
        rest = rest.drop(while: isBlank)
    }

    private func isBlank(_ character: Character) -> Bool {
        character == " " || character == "\t" || character.isNewline
    }

    private static let operators = Comparison.Operator.allCases.map(\.rawValue).joined(separator: " ")

    private static func hint(_ word: String) -> String {
        let others = [
            "=": "==", "===": "==", "is": "==", "equals": "==", "<>": "!=", "=~": "matches", "~": "matches",
        ]
        if let meant = others[word.lowercased()] { return "; did you mean `\(meant)`?" }
        let words = Comparison.Operator.allCases.map(\.rawValue).filter { $0.count > 2 }
        return Nearest.suggestion(word, among: words)
    }
}
