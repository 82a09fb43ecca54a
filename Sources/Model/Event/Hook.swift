// A hook of MWDB as a word with parameters, for static checks of `hooks`, templates and filters. Events of hooks
// that are not in the catalogue are delivered all the same; only checks need to know them.

/// One hook of MWDB, or an operational event of our own.
package struct Hook: Sendable, Equatable {
    /// `on_created_file`, `source.lost`.
    package var name: String
    /// The hook's arguments in `data`, in the order of MWDB's method.
    package var parameters: [Parameter]

    /// One argument of a hook.
    package struct Parameter: Sendable, Equatable {
        /// Name in `data`.
        package var name: String
        /// What it is.
        package var kind: Kind
    }

    /// Types of arguments.
    package enum Kind: String, Sendable, CaseIterable {
        /// A file, a config or a blob; its `type` says which.
        case object
        case file
        case config
        case blob
        case tag
        case comment
        case attribute
        case attributeDefinition = "attribute_def"
        case user
        case group
        /// A plain value of an operational event, without fields.
        case value
    }

    /// The hook or operational event called `name`.
    package static func named(_ name: String) -> Hook? {
        byName[name]
    }

    /// Whether `name` is an event that the dispatcher announces of itself.
    package static func isOwn(_ name: String) -> Bool {
        ownNames.contains(name)
    }

    private static let ownNames = Set(own.map(\.name))
    private static let byName = Dictionary(
        uniqueKeysWithValues: (all + operational).map { ($0.name, $0) })
}
