// Filters: the lines of `filter`, all of which must hold for an event to be delivered to a plugin. Pure. Parsed once,
// applied at intake to the event's values.

/// A parsed filter.
///
/// A line is `[not] path operator value | value`. A missing field makes every comparison false, also `!=`. `not` turns
/// the whole line round, so `not file.tags has "x"` also holds where there is no `file`; write `file exists` beside it
/// where that matters. With several values `!=` means none of them. See `Comparison` for the operators.
package struct Filter: Sendable, Equatable {
    /// The filter as it was written, lines joined by line feeds.
    package let source: String
    /// What must hold.
    private let conditions: [Condition]

    private struct Condition: Sendable, Equatable {
        var path: ValuePath
        var comparison: Comparison
        var isNegated: Bool
    }

    /// Holds for every event.
    package static let everything = Filter()

    private init() {
        source = ""
        conditions = []
    }

    /// Parses the lines of `filter`; empty ones are skipped.
    /// - Throws: `FilterError` with the line's index and what is wrong.
    package init(parsing lines: [String]) throws(FilterError) {
        var conditions: [Condition] = []
        for (index, line) in lines.enumerated() where !line.trimmedBlanks().isEmpty {
            do throws(ValueError) {
                conditions.append(try Self.condition(line))
            } catch {
                throw FilterError(line: index, message: error.message)
            }
        }
        self.conditions = conditions
        source = lines.joined(separator: "\n")
    }

    /// Holds for every event without looking.
    package var isEverything: Bool { conditions.isEmpty }

    /// Paths of all lines, in order, for static checks.
    package var paths: [String] { conditions.map(\.path.text) }

    /// Whether all lines hold.
    package func matches(_ context: TemplateContext) -> Bool {
        conditions.allSatisfy { condition in
            condition.comparison.holds(for: context.value(at: condition.path)) != condition.isNegated
        }
    }

    private static func condition(_ text: String) throws(ValueError) -> Condition {
        var parser = ComparisonParser(text)
        let line = try parser.line()
        guard ValuePath.isValid(line.subject) else {
            throw ValueError("`\(line.subject)` is no path to a value; write for example file.file_type")
        }
        guard let comparison = line.comparison else {
            throw ValueError(
                "an operator is missing after `\(line.subject)`; write for example \(line.subject) exists")
        }
        return Condition(path: ValuePath(line.subject), comparison: comparison, isNegated: line.isNegated)
    }
}
