// Which paths events of a hook can have, so that a mistyped `{{file.sha265}}` is found before the daemon starts.

extension Hook {
    /// Paths that do not depend on the hook.
    package static let commonPaths = [
        "event.id", "event.type", "event.timestamp", "event.source", "event.actor", "plugin.name",
        "plugin.public_url", "mwdb.url", "mwdb.public_url",
    ]

    /// Whether events of this hook can have `path` (`file.sha256`); `file` also names an `object` of type file.
    package func has(path: String) -> Bool {
        if Self.commonPaths.contains(path) { return true }
        let steps = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        return arguments.contains { $0.name == steps[0] && Self.has(steps.dropFirst(), in: $0.kind) }
    }

    /// Every path that events of this hook can have, for suggestions.
    package var paths: [String] {
        Self.commonPaths
            + arguments.flatMap { argument in
                let fields = Self.fields(of: argument.kind).map { "\(argument.name).\($0)" }
                return fields.isEmpty ? [argument.name] : fields
            }
    }

    /// What is wrong with `path` where events of `hooks` are concerned, with the nearest valid path; nil when one
    /// of them can have it, or `extracted` names it.
    package static func problem(with path: String, in hooks: [Hook], extracted: [String] = []) -> String? {
        let first = path.prefix { $0 != "." }
        if extracted.contains(String(first)) || hooks.contains(where: { $0.has(path: path) }) { return nil }
        let owner =
            switch hooks.count {
            case 0: "no hook"
            case 1: hooks[0].name
            default: "none of the plugin's hooks"
            }
        let valid = hooks.flatMap(\.paths) + commonPaths + extracted
        let verb = hooks.count == 1 ? "has no" : "has"
        return "\(owner) \(verb) `\(path)`\(Nearest.suggestion(path, among: valid))"
    }

    /// The parameters, with `file` for an `object`.
    private var arguments: [Parameter] {
        parameters
            + (parameters.contains { $0.name == "object" } ? [Parameter(name: "file", kind: .file)] : [])
    }

    private static func has(_ steps: ArraySlice<String>, in kind: Kind) -> Bool {
        guard let field = steps.first else { return true }
        guard fields(of: kind).contains(field) else { return false }
        let rest = steps.dropFirst()
        if rest.isEmpty || anything.contains(field) { return true }
        return lists.contains(field) && rest.count == 1 && rest.allSatisfy { Int($0) != nil }
    }

    /// Fields that hold any JSON.
    private static let anything: Set<String> = ["cfg", "value"]
    /// Fields that hold lists of strings.
    private static let lists: Set<String> = [
        "tags", "alt_names", "capabilities", "users", "groups", "unavailable", "truncated",
    ]
}
