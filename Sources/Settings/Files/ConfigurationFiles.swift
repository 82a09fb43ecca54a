// The main configuration files and how they lie on top of each other: ./webhooks.ini over
// ~/.mwdb-webhooks/webhooks.ini over /etc/mwdb-webhooks/webhooks.ini; `--config FILE` instead of all three.

import Model

/// The main files that are there, the strongest first.
struct ConfigurationFiles {
    private let files: [INIFile]
    private let findings: Findings

    /// Reads the files and checks the names of their sections and keys.
    init(_ sources: SettingsSources, findings: Findings) {
        self.findings = findings
        let paths = ConfigurationFiles.paths(sources)
        let reader = INIFileReader(sources: sources, findings: findings)
        // A service may run with a home folder that is closed to it.
        let home = sources.home.map { FilePath.absolute($0, in: "/", home: nil) } ?? "/nowhere"
        files = paths.compactMap { path in
            let isHome = path == home + "/.mwdb-webhooks/webhooks.ini" && sources.configFile == nil
            return reader.read(
                path, required: sources.configFile != nil, whenUnreadable: isHome ? .warning : .error)
        }.map { ConfigurationFiles.known($0, findings) }
        if files.isEmpty, sources.configFile == nil {
            findings.add(
                SettingsProblem(
                    .warning, message: "no configuration file: looked for " + paths.joined(separator: ", "),
                    suggestion: "Copy webhooks.ini to one of these places, or name a file with --config"))
        }
    }

    /// Paths that are looked at, the strongest first, none twice.
    private static func paths(_ sources: SettingsSources) -> [String] {
        if let file = sources.configFile {
            return [FilePath.absolute(file, in: sources.workingDirectory, home: sources.home)]
        }
        var paths = [sources.workingDirectory + "/webhooks.ini"]
        if let home = sources.home { paths.append(home + "/.mwdb-webhooks/webhooks.ini") }
        paths.append("/etc/mwdb-webhooks/webhooks.ini")
        var unique: [String] = []
        for path in paths.map({ FilePath.absolute($0, in: "/", home: nil) }) where !unique.contains(path) {
            unique.append(path)
        }
        return unique
    }

    /// `[name]` of all files, key by key.
    func section(_ name: String) -> LayeredSection {
        var section = LayeredSection(name: name)
        overlay(name, on: &section)
        return section
    }

    /// Puts `[name]` of all files on top of `section`.
    func overlay(_ name: String, on section: inout LayeredSection) {
        for file in files.reversed() {
            guard let written = file.section(name) else { continue }
            section.overlay(written, path: file.path, findings: findings)
        }
    }

    /// Names of all `[plugin:NAME]` sections with the place of the strongest one.
    var pluginSections: [(name: String, path: String, line: Int)] {
        var found: [(name: String, path: String, line: Int)] = []
        for file in files {
            for section in file.sections {
                guard let name = PluginName.inSection(section.name),
                    !found.contains(where: { $0.name == name })
                else { continue }
                found.append((name, file.path, section.line))
            }
        }
        return found
    }

    /// `file` without unknown sections and keys, which are reported.
    private static func known(_ file: INIFile, _ findings: Findings) -> INIFile {
        let keys = KeyCheck(findings: findings)
        var known = INIFile(path: file.path, sections: [])
        for section in file.sections {
            var kind = SettingKey.Section.plugin
            if let global = SettingKey.Section(rawValue: section.name), global != .plugin {
                kind = global
            } else if let problem = problem(with: section.name) {
                findings.add(
                    SettingsProblem(
                        .error, file: file.path, line: section.line, section: section.name,
                        message: problem.message, suggestion: problem.suggestion))
                if PluginName.inSection(section.name) == nil { continue }
            }
            known.sections.append(
                keys.known(section, as: kind, displayed: section.name, path: file.path))
        }
        return known
    }

    /// What is wrong with a section's name; nil for `plugin:NAME` with a good name.
    private static func problem(with section: String) -> (message: String, suggestion: String)? {
        if let name = PluginName.inSection(section) { return PluginName.problem(name) }
        return explain(section)
    }

    private static func explain(_ name: String) -> (message: String, suggestion: String) {
        switch name {
        case "DEFAULT":
            return ("there is no [DEFAULT] here", "Write its keys into the sections that need them")
        case "mwdb-core", "mwdb_core":
            return (
                "unknown section", "Write [mwdb] for the MWDB beside the daemon; mwdb.ini is another file"
            )
        case "plugin":
            return ("the section names no plugin", "Write [plugin:NAME]; only a drop-in may say [plugin]")
        default: break
        }
        if let colon = name.firstIndex(of: ":") {
            return ("unknown section", "Write [plugin:\(name[name.index(after: colon)...].trimmed)]")
        }
        if let near = Nearest.match(name, among: ["webhooks", "mwdb", "plugin"]) {
            return ("unknown section", near == "plugin" ? "Write [plugin:NAME]" : "Write [\(near)]")
        }
        return ("unknown section", "Write [webhooks], [mwdb] or [plugin:\(name)]")
    }
}
