// `success_if` and `dead_if`: a condition on a receiver's answer. Pure.

/// A parsed condition such as `json:/error != true`.
package struct AnswerCondition: Sendable, Equatable {
    /// The condition as it was written.
    package var source: String
}
