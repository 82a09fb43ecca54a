// Filters: the lines of `filter`, all of which must hold for an event to be delivered to a plugin. Pure.

/// A parsed filter.
package struct Filter: Sendable, Equatable {
    /// The filter as it was written.
    package var source: String

    /// Holds for every event.
    package static let everything = Filter(source: "")
}
