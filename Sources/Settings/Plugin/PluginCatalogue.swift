// Which plugins are enabled, and where their keys are: `plugins`, sections of the main files, drop-ins,
// presets.

import Model

/// The plugins that the configuration names.
struct PluginCatalogue {
    private let files: ConfigurationFiles
    private let dropIns: DropIns?
    private let presets: Presets
    private let findings: Findings
    /// Enabled plugins in the order of `plugins`, then those that were discovered, by name.
    let enabled: [String]

    /// Finds out which plugins are enabled; reports those that are listed but nowhere described.
    init(files: ConfigurationFiles, webhooks: ValueReader) {
        let (sources, findings) = (webhooks.sources, webhooks.findings)
        self.files = files
        self.findings = findings
        presets = Presets(sources, findings: findings)
        let discovers = webhooks.flag("local_plugins_autodiscover") ?? false
        dropIns = PluginCatalogue.dropIns(webhooks, discovers: discovers)

        var names = PluginCatalogue.listed(webhooks)
        let described = Set(files.pluginSections.map(\.name) + (dropIns?.names ?? []))
        for name in names where !described.contains(name) {
            let near = Nearest.match(name, among: described.sorted())
            let preset = presets.names.contains(name) ? " with preset = \(name)" : ""
            webhooks.report(
                "plugins", "there is no section [plugin:\(name)]",
                near.map { "Write \($0), or add the section" }
                    ?? "Add the section\(preset), or remove \(name) here")
        }
        names.removeAll { !described.contains($0) }
        if discovers {
            names += (dropIns?.names ?? []).filter { !names.contains($0) && PluginName.problem($0) == nil }
        }
        enabled = names
        reportNames(discovers: discovers)
        warnOfDisabled()
    }

    /// Merged keys of an enabled plugin: `[plugin:NAME]` on its drop-in on its preset.
    func section(_ name: String) -> LayeredSection {
        var upper = LayeredSection(name: "plugin:" + name)
        _ = dropIns?.overlay(name, on: &upper)
        files.overlay(upper.name, on: &upper)
        guard let choice = upper["preset"], !choice.text.isEmpty else { return upper }
        var whole = LayeredSection(name: upper.name)
        presets.overlay(choice, on: &whole)
        whole.overlay(upper)
        return whole
    }

    private static func listed(_ webhooks: ValueReader) -> [String] {
        var names: [String] = []
        for name in webhooks.list("plugins") ?? [] {
            if names.contains(name) {
                webhooks.report("plugins", "\(name) stands twice", "Remove one of them")
            } else if let (message, suggestion) = PluginName.problem(name) {
                webhooks.report("plugins", message, suggestion)
            } else {
                names.append(name)
            }
        }
        return names
    }

    private static func dropIns(_ webhooks: ValueReader, discovers: Bool) -> DropIns? {
        guard let folder = webhooks.path("local_plugins_folder") else {
            if discovers {
                webhooks.report(
                    "local_plugins_autodiscover", "is 1, but local_plugins_folder is not set",
                    "Write local_plugins_folder = PATH")
            }
            return nil
        }
        if let dropIns = DropIns(folder: folder, sources: webhooks.sources, findings: webhooks.findings) {
            return dropIns
        }
        webhooks.report(
            "local_plugins_folder", "there is no folder \(folder) that can be read",
            "Create it, or correct the path", severity: discovers ? .error : .warning)
        return nil
    }

    /// Drop-ins whose file names are no names of plugins.
    private func reportNames(discovers: Bool) {
        guard discovers, let dropIns else { return }
        for name in dropIns.names {
            guard let (message, _) = PluginName.problem(name) else { continue }
            findings.add(
                SettingsProblem(
                    .error, file: dropIns.path(of: name), message: message,
                    suggestion: "Rename it to a-z, 0-9, _, - and . with .ini at its end"))
        }
    }

    private func warnOfDisabled() {
        for section in files.pluginSections where !enabled.contains(section.name) {
            guard PluginName.problem(section.name) == nil else { continue }
            warn(section.name, file: section.path, line: section.line)
        }
        for name in dropIns?.names ?? [] where !enabled.contains(name) && PluginName.problem(name) == nil {
            guard !files.pluginSections.contains(where: { $0.name == name }) else { continue }
            warn(name, file: dropIns?.path(of: name), line: nil)
        }
    }

    private func warn(_ name: String, file: String?, line: Int?) {
        findings.add(
            SettingsProblem(
                .warning, file: file, line: line, section: "plugin:" + name,
                message: "the plugin is not enabled",
                suggestion: "Add \(name) to plugins in [webhooks]"))
    }
}
