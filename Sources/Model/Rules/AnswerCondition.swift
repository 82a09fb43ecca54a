// `success_if` and `dead_if`: a condition on a receiver's answer. Pure.

/// A parsed condition such as `json:/error != true`.
///
/// Lines are ANDed as in a filter: `[not] source operator value | value` with the sources `status`, `header:NAME`,
/// `json:/pointer`, `body`; `regex:RE` alone holds when it is found in the body. A source that is missing (the body is
/// no JSON, the pointer leads nowhere) makes every comparison false.
package struct AnswerCondition: Sendable, Equatable {
    /// The condition as it was written.
    package let source: String
    private let parts: [Part]

    private struct Part: Sendable, Equatable {
        var source: AnswerSource
        /// nil: the source has a value.
        var comparison: Comparison?
        var isNegated: Bool
    }

    /// Parses a condition, one or more lines.
    /// - Throws: `ValueError`.
    package init(parsing text: String) throws(ValueError) {
        source = text
        var parts: [Part] = []
        for line in text.split(whereSeparator: \.isNewline) where !line.trimmedBlanks().isEmpty {
            parts.append(try Self.part(line.trimmedBlanks()))
        }
        guard !parts.isEmpty else {
            throw ValueError("the condition is empty; write for example json:/error != true")
        }
        self.parts = parts
    }

    /// Whether the condition holds for `answer`.
    package func holds(_ answer: Answer) -> Bool {
        var reader = AnswerReader(answer)
        return holds(&reader)
    }

    /// Whether the condition holds for the answer behind `reader`.
    func holds(_ reader: inout AnswerReader) -> Bool {
        for part in parts {
            let value = reader.value(of: part.source)
            let holds = part.comparison?.holds(for: value) ?? (value != nil)
            if holds == part.isNegated { return false }
        }
        return true
    }

    /// A status is a number: `status == 4xx` would never hold.
    private static func checkStatus(_ comparison: Comparison) throws(ValueError) {
        let needsNumber: Bool =
            switch comparison.operation {
            case .equal, .notEqual, .isIn, .less, .lessOrEqual, .greater, .greaterOrEqual: true
            case .startsWith, .endsWith, .contains, .matches, .has, .exists: false
            }
        guard needsNumber, let operand = comparison.operands.first(where: { $0.number == nil }) else {
            return
        }
        throw ValueError("`\(operand.text)` is no status; write for example status == 404, or status >= 400")
    }

    private static func part(_ line: String) throws(ValueError) -> Part {
        // A regular expression may hold spaces and bars: it takes the rest of the line.
        let isNegated = line.hasPrefix("not ") || line.hasPrefix("not\t")
        let positive = isNegated ? line.dropFirst(4).trimmedBlanks() : line
        if positive.hasPrefix("regex:") {
            return Part(source: try AnswerSource(parsing: positive), comparison: nil, isNegated: isNegated)
        }
        var parser = ComparisonParser(line)
        let parsed = try parser.line()
        let source = try AnswerSource(parsing: parsed.subject)
        guard let comparison = parsed.comparison else {
            throw ValueError(
                "an operator is missing after `\(parsed.subject)`; write for example \(parsed.subject) exists"
            )
        }
        if source == .status { try checkStatus(comparison) }
        return Part(source: source, comparison: comparison, isNegated: parsed.isNegated)
    }
}
