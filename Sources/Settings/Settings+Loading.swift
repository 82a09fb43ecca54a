// From sources to settings, on one page: files, then global settings, then each plugin, then what is in
// force.

import Model

extension Settings {
    /// Reads and checks the whole configuration. Returns no settings when any problem is an error; the
    /// problems are all there are, in the order of files and lines.
    package static func load(_ sources: SettingsSources) -> (Settings?, [SettingsProblem]) {
        let findings = Findings()
        let files = ConfigurationFiles(sources, findings: findings)
        var global = files.section("webhooks")
        EnvironmentLayer(sources: sources, findings: findings).overlay(on: &global)
        let webhooks = ValueReader(section: global, kind: .webhooks, sources: sources, findings: findings)
        let mwdb = ValueReader(
            section: files.section("mwdb"), kind: .mwdb, sources: sources, findings: findings)
        var settings = GlobalReader(webhooks: webhooks, mwdb: mwdb).read()

        let catalogue = PluginCatalogue(files: files, webhooks: webhooks)
        var sections: [LayeredSection] = []
        for name in catalogue.enabled {
            let section = catalogue.section(name)
            let values = ValueReader(section: section, kind: .plugin, sources: sources, findings: findings)
            var plugin = PluginReader(values: values, mwdb: mwdb).read(name)
            if !settings.enablePlugins { plugin.enabled = false }
            settings.plugins.append(plugin)
            sections.append(section)
        }
        settings.noteCopyLimit(webhooks)
        guard !findings.hasErrors else { return (nil, findings.sortedProblems) }
        settings.secretValues = findings.secrets
        settings.files = findings.files
        settings.show(webhooks.section, mwdb.section, sections)
        return (settings, findings.sortedProblems)
    }

    /// Without an API key a sample that is not in the spool cannot be had later.
    private func noteCopyLimit(_ webhooks: ValueReader) {
        guard mwdb?.apiKey == nil, plugins.contains(where: { $0.enabled && $0.wantsContent }) else { return }
        webhooks.report(
            "copy_limit",
            "[mwdb] api_key is not set: samples are copied whatever their size, and one that is lost "
                + "from the spool cannot be fetched again",
            "Write url and api_key in [mwdb]", severity: .warning)
    }

    private mutating func show(
        _ webhooks: LayeredSection, _ mwdb: LayeredSection, _ plugins: [LayeredSection]
    ) {
        effective =
            EffectiveView(kind: .webhooks, redaction: redaction).settings(webhooks)
            + EffectiveView(kind: .mwdb, redaction: redaction).settings(mwdb).map { setting in
                EffectiveSetting(key: "mwdb." + setting.key, value: setting.value, origin: setting.origin)
            }
        let view = EffectiveView(kind: .plugin, redaction: redaction)
        for section in plugins {
            effectivePlugins[String(section.name.dropFirst("plugin:".count))] = view.settings(section)
        }
    }
}
