// A file system in memory, and shorthands for loading settings from it.

import Model

@testable import Settings

/// Files by their absolute paths.
struct MemoryFiles: SettingsFiles {
    var files: [String: FileReading] = [:]

    init(_ files: [String: String]) {
        self.files = files.mapValues { .content(Array($0.utf8), mode: 0o640) }
    }

    func read(_ path: String, limit: Int) -> FileReading {
        guard let found = files[path] else { return .missing }
        if case .content(let bytes, _) = found, bytes.count > limit {
            return .failed("it is larger than \(limit) bytes")
        }
        return found
    }

    func list(_ path: String) -> [String]? {
        let inside = files.keys.filter { $0.hasPrefix(path + "/") }
        guard !inside.isEmpty else { return nil }
        return Array(
            Set(inside.map { String($0.dropFirst(path.count + 1).prefix { $0 != "/" }) }))
    }
}

extension SettingsSources {
    /// Sources in which the working folder is /site and the home folder /home/me.
    static func memory(
        _ files: [String: String], environment: [String: String] = [:], configFile: String? = nil
    ) -> SettingsSources {
        SettingsSources(
            environment: environment, home: "/home/me", workingDirectory: "/site",
            executable: "/usr/bin/mwdb-webhooks", configFile: configFile, files: MemoryFiles(files))
    }
}

/// What loading gives.
struct Loaded {
    var settings: Settings?
    var problems: [SettingsProblem]

    /// Loads /site/webhooks.ini with `text` and other files.
    init(_ text: String, files: [String: String] = [:], environment: [String: String] = [:]) {
        self.init(.memory(["/site/webhooks.ini": text].merging(files) { $1 }, environment: environment))
    }

    init(_ sources: SettingsSources) {
        (settings, problems) = Settings.load(sources)
    }

    var errors: [SettingsProblem] { problems.filter { $0.severity == .error } }
    var warnings: [SettingsProblem] { problems.filter { $0.severity == .warning } }
    /// The only plugin, or the first.
    var plugin: Plugin? { settings?.plugins.first }
}

/// A configuration with one plugin `a` that is right, and `lines` in its section.
func one(_ lines: String = "", hooks: String = "on_created_file") -> String {
    """
    [webhooks]
    plugins = a
    [mwdb]
    url = http://mwdb:5000
    public_url = https://mwdb.example
    api_key = eyJ0eXAi.key.4711
    [plugin:a]
    url = http://receiver:9000/in
    hooks = \(hooks)

    """ + lines
}
