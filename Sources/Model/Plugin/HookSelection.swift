// Which hooks a plugin is called for: the list, globs and `*` of its `hooks` key. Pure.

/// `hooks` of a plugin.
package struct HookSelection: Sendable, Equatable {
    /// `*` stands for all hooks of MWDB, those of newer versions (`on_…`) included.
    package var all: Bool
    /// Hooks named, globs expanded against the known ones.
    package var names: Set<String>
    /// Globs as written (`on_created_*`, `plugin.*`): they also match hooks that a newer MWDB invents.
    package var globs: [String]

    /// A selection.
    package init(all: Bool = false, names: Set<String> = [], globs: [String] = []) {
        self.all = all
        self.names = names
        self.globs = globs
    }

    /// No hook.
    package static let none = HookSelection()

    /// Whether a plugin with this selection is called for `hook`.
    package func contains(_ hook: String) -> Bool {
        if names.contains(hook) { return true }
        // `*` and `*_tag` mean MWDB's hooks; operational events are meant by a pattern with a dot: `plugin.*`.
        let isHook = hook.hasPrefix("on_")
        return (isHook && all)
            || globs.contains { (isHook || $0.contains(".")) && Self.matches(hook, glob: $0) }
    }

    /// Whether `name` matches `glob`, where `*` stands for any text, the empty one included.
    package static func matches(_ name: String, glob: String) -> Bool {
        let name = Array(name.utf8)
        let glob = Array(glob.utf8)
        var (index, mark) = (0, 0)
        // Where to go on when a guess of what the latest star stands for was wrong.
        var star: (glob: Int, name: Int)?
        while index < name.count {
            if mark < glob.count, glob[mark] == UInt8(ascii: "*") {
                star = (mark + 1, index)
                mark += 1
            } else if mark < glob.count, glob[mark] == name[index] {
                mark += 1
                index += 1
            } else if let retry = star {
                star = (retry.glob, retry.name + 1)
                (mark, index) = (retry.glob, retry.name + 1)
            } else {
                return false
            }
        }
        return glob[mark...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
