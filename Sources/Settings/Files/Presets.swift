// Presets: what known receivers need, as INI files shipped with the program. Found beside the running
// executable when it is installed, in the checkout that it was built in, or where WEBHOOKS_PRESETS says.

import Model

/// The preset files.
struct Presets {
    private let sources: SettingsSources
    private let findings: Findings
    /// Folders that are looked into, in order.
    let folders: [String]

    /// Presets as they are found from `sources`.
    init(_ sources: SettingsSources, findings: Findings) {
        self.sources = sources
        self.findings = findings
        folders = Presets.folders(sources).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// Folders in order: `WEBHOOKS_PRESETS` alone, or beside the executable (`../share`), in the checkout
    /// around it, in /usr/share, in a checkout that is the working folder.
    private static func folders(_ sources: SettingsSources) -> [String] {
        if let folder = sources.environment["WEBHOOKS_PRESETS"], !folder.isEmpty {
            return [FilePath.absolute(folder, in: sources.workingDirectory, home: sources.home)]
        }
        var folders: [String] = []
        if let executable = sources.executable {
            var folder = FilePath.folder(of: executable)
            folders.append(FilePath.absolute("../share/mwdb-webhooks/presets", in: folder, home: nil))
            // .build/x86_64-unknown-linux-gnu/release is three folders below the checkout.
            for _ in 0..<4 {
                folder = FilePath.folder(of: folder)
                folders.append(FilePath.absolute("deploy/presets", in: folder, home: nil))
            }
        }
        folders.append("/usr/share/mwdb-webhooks/presets")
        folders.append(FilePath.absolute("deploy/presets", in: sources.workingDirectory, home: nil))
        return folders
    }

    /// Names of all presets, sorted.
    var names: [String] {
        var names: Set<String> = []
        for folder in folders {
            for name in sources.files.list(folder) ?? [] where name.hasSuffix(".ini") && !name.hasPrefix(".")
            {
                names.insert(String(name.dropLast(4)))
            }
        }
        return names.sorted()
    }

    /// Puts the preset that `choice` names under a plugin's keys. An unknown name is reported there.
    func overlay(_ choice: WrittenValue, on section: inout LayeredSection) {
        let name = choice.text
        guard PluginName.problem(name) == nil || PluginName.reserved.contains(name) else {
            return choice.report("`\(name)` is no name of a preset", advice(name), to: findings)
        }
        let reader = INIFileReader(sources: sources, findings: findings)
        for folder in folders {
            let path = folder + "/" + name + ".ini"
            guard let file = reader.read(path, required: false) else { continue }
            return overlay(file, on: &section)
        }
        choice.report("there is no preset \(name)", advice(name), to: findings)
    }

    private func overlay(_ file: INIFile, on section: inout LayeredSection) {
        for written in file.sections {
            guard written.name == "plugin" else {
                findings.add(
                    SettingsProblem(
                        .error, file: file.path, line: written.line, section: written.name,
                        message: "does not belong in a preset", suggestion: "Write [plugin]"))
                continue
            }
            let known = KeyCheck(findings: findings)
                .known(written, as: .plugin, displayed: section.name, path: file.path)
            if let entry = written.entries.first(where: { $0.key == "preset" }) {
                findings.add(
                    SettingsProblem(
                        .error, file: file.path, line: entry.line, section: section.name, key: "preset",
                        message: "a preset cannot use another",
                        suggestion: "Copy the other preset's keys into it"))
            }
            section.overlay(known, path: file.path, findings: findings)
        }
    }

    private func advice(_ name: String) -> String {
        let names = self.names
        if let near = Nearest.match(name, among: names) { return "Write preset = \(near)" }
        if names.isEmpty {
            return "Set WEBHOOKS_PRESETS to the folder of the presets; looked into "
                + folders.joined(separator: ", ")
        }
        return "Write one of " + names.joined(separator: ", ")
    }
}
