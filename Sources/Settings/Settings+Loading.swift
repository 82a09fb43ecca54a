// From sources to settings, on one page.

import Model

extension Settings {
    /// Reads and checks the whole configuration. Returns no settings when any problem is an error; the problems
    /// are all there are, in the order of files and lines.
    package static func load(_ sources: SettingsSources) -> (Settings?, [SettingsProblem]) {
        (Settings(), [])
    }

    /// What MWDB's event source must write for the enabled plugins.
    package var subscriptions: Subscriptions {
        Subscriptions(
            all: plugins.contains { $0.enabled && $0.hooks.all }, hooks: [], contentHooks: [],
            copyLimit: copyLimit, minimumFreeSpace: minimumFreeSpace)
    }
}
