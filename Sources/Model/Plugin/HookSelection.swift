// Which hooks a plugin is called for: the list, globs and `*` of its `hooks` key. Pure.

/// `hooks` of a plugin.
package struct HookSelection: Sendable, Equatable {
    /// `*` stands for all hooks of MWDB, those of newer versions (`on_…`) included.
    package var all: Bool
    /// Hooks named, globs expanded against the known ones.
    package var names: Set<String>
    /// Globs as written (`on_created_*`): they also match hooks that a newer MWDB invents.
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
        guard hook.hasPrefix("on_") else { return false }
        return all || globs.contains { matches(hook[...], glob: $0[...]) }
    }

    private func matches(_ text: Substring, glob: Substring) -> Bool {
        guard let first = glob.first else { return text.isEmpty }
        if first == "*" {
            return matches(text, glob: glob.dropFirst())
                || (!text.isEmpty && matches(text.dropFirst(), glob: glob))
        }
        return text.first == first && matches(text.dropFirst(), glob: glob.dropFirst())
    }
}
