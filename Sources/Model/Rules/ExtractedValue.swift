// What an extraction found; stored with the outcome, used by write-backs.

/// A value that an extraction found.
package struct ExtractedValue: Sendable, Equatable {
    /// The extraction's name.
    package var name: String
    /// What it found.
    package var value: JSON

    /// `value` found by the extraction `name`.
    package init(name: String, value: JSON) {
        self.name = name
        self.value = value
    }
}
