// `extract.NAME`: values taken from a receiver's answer. Pure.

/// A parsed extraction such as `json:/task_uid`.
package struct Extraction: Sendable, Equatable {
    /// Name for templates.
    package var name: String
    /// Missing is no error (`NAME?`).
    package var optional: Bool
    /// The extraction as it was written.
    package var source: String

    /// Parses an extraction; `name` is what stands after `extract.`, with `?` at its end when optional.
    /// - Throws: `ValueError`.
    package init(name: String, source: String) throws(ValueError) {
        self.name = name
        optional = false
        self.source = source
    }

    /// The value in `answer`, at most 4,096 bytes; nil when missing, null, empty or longer.
    package func extract(from answer: Answer) -> JSON? {
        nil
    }
}

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
