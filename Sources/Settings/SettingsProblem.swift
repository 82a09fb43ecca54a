// One thing that is wrong, or doubtful, in the configuration. All of them are collected before any is shown,
// so that a file is mended in one go.

/// A problem in the configuration.
package struct SettingsProblem: Sendable, Equatable, Error, CustomStringConvertible {
    /// How bad it is.
    package enum Severity: String, Sendable, Equatable, Codable {
        /// The daemon does not start; a reload keeps the old settings.
        case error
        /// Works, but probably not as meant.
        case warning
    }

    /// How bad it is.
    package var severity: Severity
    /// File in which it is, or `environment WEBHOOKS_KEY`; nil when it is in none.
    package var file: String?
    /// Line in `file`, from 1; nil for a file as a whole.
    package var line: Int?
    /// Section without brackets, `plugin:drakvuf`.
    package var section: String?
    /// Key as it is known to the documentation.
    package var key: String?
    /// What is wrong, without a full stop.
    package var message: String
    /// What to do about it, an imperative without a full stop.
    package var suggestion: String

    /// A problem; `suggestion` says what to do next.
    package init(
        _ severity: Severity, file: String? = nil, line: Int? = nil, section: String? = nil,
        key: String? = nil, message: String, suggestion: String
    ) {
        self.severity = severity
        self.file = file
        self.line = line
        self.section = section
        self.key = key
        self.message = message
        self.suggestion = suggestion
    }

    /// `file:line: error: [plugin:x] key: message. Remedy.`
    package var description: String {
        var text = ""
        if let file {
            text += line.map { "\(file):\($0): " } ?? "\(file): "
        }
        text += severity.rawValue + ": "
        if let section { text += "[\(section)] " }
        if let key { text += "\(key): " }
        return text + message + ". " + suggestion + "."
    }
}
