// The settings that belong to no plugin, for commands that only need to find the daemon: an operator may use
// its socket without being allowed to read the secrets of its plugins.

extension Settings {
    /// `[webhooks]` and `[mwdb]` as far as they can be read; what cannot is at its default. Never fails, and
    /// must not be used to run with.
    package static func global(_ sources: SettingsSources) -> Settings {
        let findings = Findings()
        let files = ConfigurationFiles(sources, findings: findings)
        var section = files.section("webhooks")
        EnvironmentLayer(sources: sources, findings: findings).overlay(on: &section)
        let webhooks = ValueReader(section: section, kind: .webhooks, sources: sources, findings: findings)
        let mwdb = ValueReader(
            section: files.section("mwdb"), kind: .mwdb, sources: sources, findings: findings)
        var settings = GlobalReader(webhooks: webhooks, mwdb: mwdb).read()
        settings.secretValues = findings.secrets
        settings.files = findings.files
        return settings
    }
}
