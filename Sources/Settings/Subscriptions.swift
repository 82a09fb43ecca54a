// What MWDB's event source is asked for: the content of `spool/subscriptions.json`, written by the daemon at
// start and before a reload is reported done. Pure; whoever owns the spool writes the file.

import Model

/// What the source must write to the spool.
package struct Subscriptions: Sendable, Equatable {
    /// Every hook is wanted, those of newer MWDB versions included; `hooks` is then of no importance.
    package var all: Bool
    /// Hooks that are wanted, sorted; globs (`on_created_*`) stay among them for hooks of newer versions.
    package var hooks: [String]
    /// Hooks whose sample is wanted in `content/`, sorted.
    package var contentHooks: [String]
    /// Largest sample, in bytes, that is copied where it cannot be linked; nil: any.
    package var copyLimit: Int64?
    /// Free disk, in bytes, below which the source writes no events, and below twice of which no samples.
    package var minimumFreeSpace: Int64

    /// Subscriptions with these parts.
    package init(
        all: Bool, hooks: [String], contentHooks: [String], copyLimit: Int64?, minimumFreeSpace: Int64
    ) {
        self.all = all
        self.hooks = hooks
        self.contentHooks = contentHooks
        self.copyLimit = copyLimit
        self.minimumFreeSpace = minimumFreeSpace
    }

    /// One line of JSON with a line break, as `subscriptions.json` holds it.
    package func serialised() -> [UInt8] {
        var text = "{\"version\": 1, \"hooks\": "
        text += all ? "\"*\"" : list(hooks)
        text += ", \"content\": " + list(contentHooks)
        text += ", \"copy_limit\": " + (copyLimit.map(String.init) ?? "null")
        text += ", \"min_free_space\": \(minimumFreeSpace)}\n"
        return Array(text.utf8)
    }

    /// Hook names and globs are `[a-z0-9_.*]`: they need no escaping.
    private func list(_ names: [String]) -> String {
        "[" + names.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
    }
}
