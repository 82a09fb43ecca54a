// Filters: the lines of `filter`, all of which must hold for an event to be delivered to a plugin. Pure.

/// A parsed filter.
package struct Filter: Sendable, Equatable {
    /// The filter as it was written.
    package var source: String

    /// Holds for every event.
    package static let everything = Filter(source: "")

    private init(source: String) {
        self.source = source
    }

    /// Parses the lines of `filter`.
    /// - Throws: `FilterError` with the line's index and what is wrong.
    package init(parsing lines: [String]) throws(FilterError) {
        source = lines.joined(separator: "\n")
    }

    /// Holds for every event without looking.
    package var isEverything: Bool { source.isEmpty }

    /// Paths of all lines, for static checks.
    package var paths: [String] { [] }

    /// Whether all lines hold.
    package func matches(_ context: TemplateContext) -> Bool {
        true
    }
}
