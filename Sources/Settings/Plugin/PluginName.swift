// Names of plugins: what may follow `plugin:` in a section's header, stand in `plugins` and name a drop-in.

/// Rules for plugins' names.
enum PluginName {
    /// Words that commands and the outbox use where a plugin's name may stand.
    static let reserved: Set<String> = ["all", "mwdb", "none", "webhooks"]

    /// The name in `plugin:NAME`; nil when the section is not a plugin's.
    static func inSection(_ section: String) -> String? {
        guard let colon = section.firstIndex(of: ":"), section[..<colon].trimmed == "plugin" else {
            return nil
        }
        return section[section.index(after: colon)...].trimmed
    }

    /// What is wrong with a name, and what would be right; nil when it is a good one.
    static func problem(_ name: String) -> (message: String, suggestion: String)? {
        if name.isEmpty { return ("the plugin has no name", "Write [plugin:NAME]") }
        let allowed = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "_"),
                UInt8(ascii: "."), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        if !allowed || name.utf8.count > 64 || name.hasPrefix(".") {
            return (
                "`\(name)` is no name for a plugin",
                "Use 1 to 64 of a-z, 0-9, _, - and ., not beginning with a dot"
            )
        }
        if reserved.contains(name) {
            return ("a plugin cannot be called \(name)", "Choose another name, such as my_\(name)")
        }
        return nil
    }
}
