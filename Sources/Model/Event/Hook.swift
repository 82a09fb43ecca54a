// The hooks of MWDB and what their events hold, for static checks of templates and filters.

/// One hook, or an operational event of our own.
package struct Hook: Sendable, Equatable {
    /// `on_created_file`, `source.lost`.
    package var name: String
    /// The hook's arguments in `data`, in order.
    package var parameters: [Parameter]

    /// One argument of a hook.
    package struct Parameter: Sendable, Equatable {
        /// Name in `data`.
        package var name: String
        /// What it is.
        package var kind: Kind
    }

    /// Types of arguments; `object` is a file, a config or a blob.
    package enum Kind: String, Sendable, CaseIterable {
        case object, file, config, blob, tag, comment, attribute, attributeDefinition, user, group
        /// A plain value of an operational event.
        case value
    }

    /// The 34 hooks of MWDB 2.20.
    package static let all: [Hook] = []
    /// Events that are no hooks: `source.lost`.
    package static let operational: [Hook] = []

    /// The hook or operational event called `name`.
    package static func named(_ name: String) -> Hook? {
        (all + operational).first { $0.name == name }
    }

    /// Names of the fields that an argument of `kind` may have.
    package static func fields(of kind: Kind) -> [String] {
        []
    }

    /// Whether events of this hook can have `path` (`file.sha256`); `file` also names an `object` of type file.
    package func has(path: String) -> Bool {
        true
    }

    /// Every path that events of this hook can have, `event.*` included, for suggestions.
    package var paths: [String] {
        []
    }
}
