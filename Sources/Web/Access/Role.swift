// What a caller of the HTTP interface may do.

/// A role; each may do what the ones before it may.
package enum Role: String, Sendable, CaseIterable, Comparable {
    /// Looks at everything, changes nothing.
    case viewer
    /// Does everything.
    case `operator`

    package static func < (left: Role, right: Role) -> Bool {
        left == .viewer && right == .operator
    }
}
