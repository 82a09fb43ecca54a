// Which objects of MWDB a backfill looks at, and which hook each of them gets. Pure. An object leads to one event: the
// one of its type where the plugin wants that, and else `on_created_object`.

import Model

/// What a backfill asks MWDB for.
struct BackfillPlan: Sendable, Equatable {
    /// Types of objects, as MWDB's paths call them.
    enum Kind: String, Sendable, CaseIterable {
        case file, config, blob

        /// The kind of an object whose `type` MWDB says; nil: one that only a newer MWDB has.
        init?(type: String) {
            switch type {
            case "file": self = .file
            case "static_config": self = .config
            case "text_blob": self = .blob
            default: return nil
            }
        }

        /// `type` of such an object.
        var type: String {
            switch self {
            case .file: "file"
            case .config: "static_config"
            case .blob: "text_blob"
            }
        }

        /// The hook that MWDB calls for a new one.
        var hook: String {
            switch self {
            case .file: "on_created_file"
            case .config: "on_created_config"
            case .blob: "on_created_text_blob"
            }
        }
    }

    /// The hook for each kind that the plugin wants.
    let hooks: [Kind: String]

    private static let anyObject = "on_created_object"

    /// The plan for `plugin`; `hook` as the operator wants it.
    /// - Throws: `PipelineError` when the plugin wants none of it.
    init(plugin: Plugin, hook: String?) throws(PipelineError) {
        var hooks: [Kind: String] = [:]
        for kind in Kind.allCases where kind == .file || !plugin.wantsContent {
            if let hook {
                if hook == kind.hook || hook == Self.anyObject { hooks[kind] = hook }
            } else if plugin.hooks.contains(kind.hook) {
                hooks[kind] = kind.hook
            } else if plugin.hooks.contains(Self.anyObject) {
                hooks[kind] = Self.anyObject
            }
        }
        let choices = Kind.allCases.map(\.hook) + [Self.anyObject]
        if let hook, !choices.contains(hook) {
            throw PipelineError(
                "no backfill of '\(hook)': there are " + choices.joined(separator: ", "))
        }
        if let hook, !plugin.hooks.contains(hook) {
            throw PipelineError(
                "plugin '\(plugin.name)' is not subscribed to \(hook); add it to its `hooks`, then reload")
        }
        guard !hooks.isEmpty else {
            throw PipelineError(
                "plugin '\(plugin.name)' wants no new objects: its `hooks` have none of "
                    + choices.joined(separator: ", "))
        }
        self.hooks = hooks
    }

    /// What to list: one type where only one is wanted, so that the search may use its short field names.
    var listed: String { hooks.count == 1 ? hooks.keys.first?.rawValue ?? "object" : "object" }

    /// Path and query that count the objects.
    func countPath(_ query: String?) -> String { "/\(listed)/count" + Self.query([("query", query)]) }

    /// Path and query of a page of the list.
    func listPath(_ query: String?, olderThan pivot: String?, count: Int) -> String {
        "/\(listed)" + Self.query([("count", String(count)), ("query", query), ("older_than", pivot)])
    }

    private static func query(_ fields: [(String, String?)]) -> String {
        let given = fields.compactMap { name, value in value.map { "\(name)=\(PercentEncoding.encode($0))" } }
        return given.isEmpty ? "" : "?" + given.joined(separator: "&")
    }
}
