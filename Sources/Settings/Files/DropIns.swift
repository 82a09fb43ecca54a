// Plugins as files of their own in `local_plugins_folder`: NAME.ini, or NAME/plugin.ini. Their section is
// [plugin:NAME] or just [plugin]; a [plugin:NAME] in a main file lies on top of it.

import Model

/// The drop-in folder.
struct DropIns {
    private let folder: String
    private let reader: INIFileReader
    private let findings: Findings
    /// Path of each drop-in by its plugin's name.
    private let paths: [String: String]
    /// Names that are there twice, as a file and as a folder.
    private let twice: Set<String>

    /// Looks into `folder`; nil when it is not there.
    init?(folder: String, sources: SettingsSources, findings: Findings) {
        guard let names = sources.files.list(folder) else { return nil }
        var paths: [String: String] = [:]
        var twice: Set<String> = []
        for name in names.sorted() where !name.hasPrefix(".") && name.hasSuffix(".ini") {
            paths[String(name.dropLast(4))] = folder + "/" + name
        }
        for name in names.sorted() where !name.hasPrefix(".") && !name.hasSuffix(".ini") {
            guard sources.files.list(folder + "/" + name)?.contains("plugin.ini") == true else { continue }
            if paths[name] != nil { twice.insert(name) }
            paths[name] = folder + "/" + name + "/plugin.ini"
        }
        self.folder = folder
        self.paths = paths
        self.twice = twice
        self.findings = findings
        reader = INIFileReader(sources: sources, findings: findings)
    }

    /// Names of the plugins that are there, sorted.
    var names: [String] { paths.keys.sorted() }

    /// Path of the drop-in of `plugin`.
    func path(of plugin: String) -> String? { paths[plugin] }

    /// Puts the drop-in of `plugin` on top of `section`; false when there is none.
    func overlay(_ plugin: String, on section: inout LayeredSection) -> Bool {
        guard let path = paths[plugin] else { return false }
        if twice.contains(plugin) {
            report(
                path, message: "the plugin is there twice: as \(plugin).ini and as \(plugin)/plugin.ini",
                suggestion: "Remove one of them")
        }
        guard let file = reader.read(path, required: true) else { return true }
        var found = false
        for written in file.sections {
            guard written.name == "plugin" || PluginName.inSection(written.name) == plugin else {
                report(
                    path, line: written.line, section: written.name, message: "does not belong in a drop-in",
                    suggestion: "Write [plugin]; each plugin has a drop-in of its own")
                continue
            }
            if found {
                report(
                    path, line: written.line, section: written.name,
                    message: "a second section for the same plugin",
                    suggestion: "Move its keys into the first")
            }
            found = true
            let known = KeyCheck(findings: findings)
                .known(written, as: .plugin, displayed: section.name, path: path)
            section.overlay(known, path: path, findings: findings)
        }
        if !found {
            report(path, message: "has no section [plugin]", suggestion: "Write [plugin] above its keys")
        }
        return true
    }

    private func report(
        _ path: String, line: Int? = nil, section: String? = nil, message: String, suggestion: String
    ) {
        findings.add(
            SettingsProblem(
                .error, file: path, line: line, section: section, message: message, suggestion: suggestion))
    }
}
