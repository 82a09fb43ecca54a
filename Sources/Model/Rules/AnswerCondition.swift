// `success_if` and `dead_if`: a condition on a receiver's answer. Pure.

/// A parsed condition such as `json:/error != true`.
package struct AnswerCondition: Sendable, Equatable {
    /// The condition as it was written.
    package var source: String

    /// Parses a condition.
    /// - Throws: `ValueError`.
    package init(parsing text: String) throws(ValueError) {
        source = text
    }

    /// Whether the condition holds for `answer`.
    package func holds(_ answer: Answer) -> Bool {
        true
    }
}
