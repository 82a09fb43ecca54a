// `WEBHOOKS_KEY` variables: the strongest layer, for [webhooks] only, as MWDB does it for its own settings.

import Model

/// The layer of environment variables.
struct EnvironmentLayer {
    let sources: SettingsSources
    let findings: Findings

    private static let prefix = "WEBHOOKS_"
    /// Variables that are no keys: where presets are, and the event source's own.
    private static let others = ["WEBHOOKS_PRESETS", "WEBHOOKS_SOURCE"]

    /// Puts the variables that are set, and not empty, on top of `section`.
    func overlay(on section: inout LayeredSection) {
        for key in SettingKey.webhooks {
            let variable = EnvironmentLayer.prefix + key.name.uppercased()
            guard let text = sources.environment[variable], !text.isEmpty else { continue }
            section.overlay(
                WrittenValue(
                    key: key.name, text: text, lines: [], origin: .environment(variable),
                    folder: sources.workingDirectory, section: section.name))
        }
        warnOfMistyped()
    }

    /// Only of what is nearly a key: container systems make WEBHOOKS_ variables of their own.
    private func warnOfMistyped() {
        let known =
            SettingKey.webhooks.map { EnvironmentLayer.prefix + $0.name.uppercased() }
            + EnvironmentLayer.others
        for name in sources.environment.keys.sorted()
        where name.hasPrefix(EnvironmentLayer.prefix) && !known.contains(name) {
            let key = String(name.dropFirst(EnvironmentLayer.prefix.count))
            let keys = known.map { String($0.dropFirst(EnvironmentLayer.prefix.count)) }
            guard let near = Nearest.match(key, among: keys) else { continue }
            findings.add(
                SettingsProblem(
                    .warning, file: "environment \(name)", message: "is no setting and has no effect",
                    suggestion: "Write \(EnvironmentLayer.prefix)\(near)"))
        }
    }
}
