// Reads and parses one INI file through the injected access to files.

import Model

/// Reads INI files.
struct INIFileReader {
    let sources: SettingsSources
    let findings: Findings

    /// The file at `path`; nil when it is not there, which is a problem only if it is `required`, or cannot
    /// be read, which always is one of `severity`.
    func read(
        _ path: String, required: Bool, whenUnreadable severity: SettingsProblem.Severity = .error
    ) -> INIFile? {
        switch sources.files.read(path, limit: INIFile.sizeLimit) {
        case .content(let bytes, _):
            findings.add(file: path)
            return INIParser.parse(bytes, path: path, findings: findings)
        case .missing:
            if required {
                findings.add(
                    SettingsProblem(
                        .error, file: path, message: "there is no such file",
                        suggestion: "Create it or correct the path"))
            }
        case .failed(let reason):
            findings.add(
                SettingsProblem(
                    severity, file: path, message: "cannot be read: \(reason)",
                    suggestion: "Make it a regular file that the daemon's user may read"))
        }
        return nil
    }
}
