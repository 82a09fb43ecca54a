// What a check of the outbox has found: how much of it, where for example, and what can be done.

/// One kind of thing that is not as it should be.
package struct Finding: Sendable, Equatable {
    /// What is wrong, for the place of a count: `deliveries whose event is gone`.
    package var what: String
    /// How many.
    package var count: Int64
    /// Some of them.
    package var examples: [String]
    /// What a repair does about it, or what the operator has to do where none can.
    package var remedy: String
    /// A repair is safe.
    package var isRepairable: Bool
    /// It was repaired.
    package var isRepaired = false
    /// Worth knowing, and nothing to be repaired.
    package var isNote = false
    /// The database itself is damaged: what else is read from it means nothing.
    package var isDamage = false

    /// Most examples of one finding.
    package static let mostExamples = 5

    /// A finding.
    package init(
        what: String, count: Int64, examples: [String], remedy: String, isRepairable: Bool,
        isNote: Bool = false
    ) {
        self.what = what
        self.count = count
        self.examples = Array(examples.prefix(Self.mostExamples))
        self.remedy = remedy
        self.isRepairable = isRepairable
        self.isNote = isNote
    }
}
