// A value together with where it was written: what every problem names and every relative path starts from.

import Model

/// One value of a section, as it was written.
struct WrittenValue: Equatable {
    /// The key as it was written.
    var key: String
    /// The value.
    var text: String
    /// The value's lines with their numbers; empty for the environment.
    var lines: [INILine]
    /// Where it was written.
    var origin: SettingOrigin
    /// Folder that relative paths in it start from.
    var folder: String
    /// Section for problems, `plugin:drakvuf`.
    var section: String

    /// What references in it yield is a secret.
    var mayHoldSecret: Bool {
        let kind = SettingKey.Section(rawValue: section) ?? .plugin
        return SettingKey.declaration(of: key, in: kind)?.mayHoldSecret ?? true
    }

    /// File, or the environment variable, for problems.
    var file: String? {
        switch origin {
        case .file(let path, _): path
        case .environment: origin.description
        case .standard: nil
        }
    }

    /// Line for problems.
    var line: Int? {
        if case .file(_, let line) = origin { line } else { nil }
    }

    /// Reports a problem with this value; `lineIndex` is the line of the value, from 0, that it is about.
    func report(
        _ message: String, _ suggestion: String, severity: SettingsProblem.Severity = .error,
        lineIndex: Int = 0, to findings: Findings
    ) {
        let number = lines.indices.contains(lineIndex) && lineIndex > 0 ? lines[lineIndex].number : line
        findings.add(
            SettingsProblem(
                severity, file: file, line: number, section: section, key: key, message: message,
                suggestion: suggestion))
    }
}
