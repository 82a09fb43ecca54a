// One setting that is in force, with where it was written: for `check`, `plugins --json` and the dashboard.

/// A setting in force. `value` never holds a secret.
package struct EffectiveSetting: Sendable, Equatable {
    /// Key as the documentation knows it.
    package var key: String
    /// Value as it was written, references such as `${file:…}` unresolved, plain secrets replaced.
    package var value: String
    /// Where it was written.
    package var origin: SettingOrigin

    /// `key = value`, written at `origin`.
    package init(key: String, value: String, origin: SettingOrigin) {
        self.key = key
        self.value = value
        self.origin = origin
    }
}

/// Where a value was written.
package enum SettingOrigin: Sendable, Hashable, CustomStringConvertible {
    /// A line, from 1, of a configuration file, drop-in or preset.
    case file(String, line: Int)
    /// An environment variable.
    case environment(String)
    /// Nowhere: it is the default.
    case standard

    /// `webhooks.ini:12`, `environment WEBHOOKS_SPOOL` or `default`.
    package var description: String {
        switch self {
        case .file(let path, let line): "\(path):\(line)"
        case .environment(let name): "environment \(name)"
        case .standard: "default"
        }
    }
}
