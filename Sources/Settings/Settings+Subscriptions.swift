// What the enabled plugins need of MWDB's event source.

import Model

extension Settings {
    /// What MWDB's event source must write for the enabled plugins. Plugins that are paused count: their
    /// backlog is kept for them.
    package var subscriptions: Subscriptions {
        let enabled = plugins.filter(\.enabled)
        var hooks: Set<String> = []
        for plugin in enabled { hooks.formUnion(plugin.hooks.names.union(plugin.hooks.globs)) }
        return Subscriptions(
            all: enabled.contains(where: \.hooks.all), hooks: hooks.sorted(), contentHooks: contentHooks,
            copyLimit: mwdb?.apiKey == nil ? nil : copyLimit, minimumFreeSpace: minimumFreeSpace)
    }

    /// Hooks whose samples some enabled plugin sends, sorted.
    package var contentHooks: [String] {
        let senders = plugins.filter { $0.enabled && $0.wantsContent }
        return Hook.all.filter { hook in
            hook.has(path: "file.sha256") && senders.contains { $0.hooks.contains(hook.name) }
        }.map(\.name)
    }
}
