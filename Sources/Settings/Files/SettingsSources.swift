// Where settings come from. Everything of the surroundings is injected here, so that loading is a function of
// its sources and tests need neither files nor an environment.

/// The surroundings that settings are loaded from.
package struct SettingsSources: Sendable {
    /// Environment variables.
    package var environment: [String: String]
    /// Home folder of the user, absolute; nil when there is none.
    package var home: String?
    /// Working folder, absolute.
    package var workingDirectory: String
    /// Absolute path of the running executable, for presets beside it; nil when unknown.
    package var executable: String?
    /// `--config FILE`: replaces the three usual files.
    package var configFile: String?
    /// The settings are only looked at, as `check` does: a systemd credential, which nobody but the service
    /// has, is a warning where it is missing, and its key counts as not set. Such settings must not be run
    /// with.
    package var isTrial = false
    /// Access to files.
    package var files: any SettingsFiles

    /// Sources with these parts.
    package init(
        environment: [String: String], home: String?, workingDirectory: String, executable: String? = nil,
        configFile: String? = nil, files: any SettingsFiles
    ) {
        self.environment = environment
        self.home = home
        self.workingDirectory = workingDirectory
        self.executable = executable
        self.configFile = configFile
        self.files = files
    }
}

/// Access to files and folders, as far as settings need it.
package protocol SettingsFiles: Sendable {
    /// The whole of the regular file at the absolute `path`, if it has at most `limit` bytes.
    func read(_ path: String, limit: Int) -> FileReading
    /// Names in the folder at the absolute `path`, in any order; nil when it is no readable folder.
    func list(_ path: String) -> [String]?
}

/// What came of reading a file.
package enum FileReading: Sendable, Equatable {
    /// Its content and permission bits.
    case content([UInt8], mode: UInt32)
    /// There is no such file.
    case missing
    /// It is there but cannot be used; why, in words: `permission denied`.
    case failed(String)
}
