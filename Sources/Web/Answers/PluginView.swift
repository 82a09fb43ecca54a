// A plugin as the configuration has it: for /api/plugins, and for `plugins` while no daemon runs.

import Model
import Settings

/// What is shown of a configured plugin. Secrets are redacted.
package enum PluginView {
    /// Name, version, URL, subscription of the plugin `name`; nulls when it is not in the configuration.
    package static func json(_ name: String, _ settings: Settings) -> JSON {
        let redact = settings.redaction.redact as (String) -> String
        let plugin = settings.plugin(name)
        let hooks = plugin.map { plugin in
            (plugin.hooks.all ? ["*"] : []) + plugin.hooks.globs.sorted() + plugin.hooks.names.sorted()
        }
        return .members([
            "name": .string(name), "active": .bool(plugin?.enabled ?? (name == "mwdb")),
            "author": .text(plugin?.author), "version": .text(plugin?.version),
            "description": .text(plugin?.summary), "method": .text(plugin?.method),
            "url": .text(plugin.map { redact($0.url.source) }),
            "hooks": .array((hooks ?? []).map(JSON.string)), "filter": .text(plugin?.filter.source),
        ])
    }

    /// Every setting in force for the plugin `name`, with where it was written.
    package static func configuration(_ name: String, _ settings: Settings) -> JSON {
        let effective = settings.effectivePlugins[name] ?? []
        return .array(
            effective.map { setting in
                .members([
                    "key": .string(setting.key), "value": .string(settings.redaction.redact(setting.value)),
                    "origin": .string(setting.origin.description),
                ])
            })
    }
}
