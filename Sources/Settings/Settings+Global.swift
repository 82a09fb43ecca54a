// The settings that belong to no plugin, for commands that only need to find the daemon: an operator may use
// its socket without being allowed to read the secrets of its plugins.

extension Settings {
    /// `[webhooks]` and `[mwdb]` as far as they can be read; what cannot is at its default. Must not be used to run
    /// with. The errors are those for which a default may stand where something else was meant: of the files as such
    /// and of `[webhooks]`; not of `[mwdb]`, whose key few may read, nor of plugins.
    package static func global(_ sources: SettingsSources) -> (Settings, errors: [SettingsProblem]) {
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
        let errors = findings.sortedProblems.filter { problem in
            guard problem.severity == .error else { return false }
            return problem.section.map { $0 != "mwdb" && PluginName.inSection($0) == nil } ?? true
        }
        return (settings, errors)
    }
}
