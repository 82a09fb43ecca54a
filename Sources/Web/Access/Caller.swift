// Who calls, as far as it is known: what the audit log writes beside an action.

/// Who makes a request.
struct Caller: Sendable, Equatable {
    /// For the audit log: `unix:1000 (alice)`, `operator token from 192.0.2.7`.
    var name: String
    /// What they may do.
    var role: Role

    /// Somebody whom nobody asked for a name.
    static let unknown = Caller(name: "unknown", role: .viewer)
}
