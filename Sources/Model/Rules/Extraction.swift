// `extract.NAME`: values taken from a receiver's answer. Pure.

/// A parsed extraction such as `json:/task_uid`.
package struct Extraction: Sendable, Equatable {
    /// Name for templates.
    package var name: String
    /// Missing is no error (`NAME?`).
    package var optional: Bool
    /// The extraction as it was written.
    package var source: String
}
