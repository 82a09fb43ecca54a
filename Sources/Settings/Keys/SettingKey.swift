// The table of all keys: each is declared once, with its form, default and meaning. Reading, checking,
// suggestions, webhooks.ini and docs/configuration.md all follow it (the last two by a test).

import Model

/// One key of the configuration.
package struct SettingKey: Sendable, Equatable {
    /// Sections that keys belong to.
    package enum Section: String, Sendable, CaseIterable {
        case webhooks, mwdb
        /// `[plugin:NAME]`, and `[plugin]` in drop-ins and presets.
        case plugin
    }

    /// Section it belongs to.
    package let section: Section
    /// Its name; parts in capitals stand for a name of the user's: `field.NAME`, `attribute.KEY.label`.
    package let name: String
    /// What its value looks like.
    package var form: ValueForm
    /// Its default as it would be written; nil: it has none.
    package var standard: String?
    /// What it means, in one line.
    package var meaning: String
    /// Its value is a secret wherever it is written.
    package var confidential: Bool
    /// Whether a part of its name is the user's.
    package let isFamily: Bool
    /// What the names of its family begin with, the dot included.
    private let prefix: String

    init(
        _ section: Section, _ name: String, _ form: ValueForm, _ standard: String? = nil, _ meaning: String,
        confidential: Bool = false
    ) {
        self.section = section
        self.name = name
        self.form = form
        self.standard = standard
        self.meaning = meaning
        self.confidential = confidential
        let parts = name.split(separator: ".")
        isFamily = parts.contains { $0.allSatisfy(\.isUppercase) }
        prefix = (parts.first ?? "") + "."
    }

    /// All keys, in the order of the documentation.
    package static let all = webhooks + mwdb + plugin

    /// The keys of a section.
    package static func keys(of section: Section) -> [SettingKey] {
        switch section {
        case .webhooks: webhooks
        case .mwdb: mwdb
        case .plugin: plugin
        }
    }

    /// The declaration of `written`, a key as it stands in a file: `field.timeout` is found as `field.NAME`.
    package static func declaration(of written: String, in section: Section) -> SettingKey? {
        if let key = singles[section]?[written] { return key }
        guard written.utf8.contains(UInt8(ascii: ".")) else { return nil }
        return families[section]?.first { $0.names(written) }
    }

    /// Keys without a name of the user's, by section and name.
    private static let singles = Dictionary(grouping: all.filter { !$0.isFamily }, by: \.section)
        .mapValues { keys in Dictionary(uniqueKeysWithValues: keys.map { ($0.name, $0) }) }
    /// The others.
    private static let families = Dictionary(grouping: all.filter(\.isFamily), by: \.section)

    /// Whether `written` is this key, or one of its family.
    func names(_ written: String) -> Bool {
        guard isFamily else { return name == written }
        guard written.hasPrefix(prefix), written.utf8.count > prefix.utf8.count else { return false }
        guard prefix == "attribute." else { return true }
        let given = written.split(separator: ".", omittingEmptySubsequences: false)
        let parts = name.split(separator: ".")
        return given.count == parts.count && !given[1].isEmpty && (parts.count == 2 || given[2] == parts[2])
    }

    /// What a reference in its value yields is a secret: not so for switches, figures and names, or
    /// `${env:MODE}` would black out a word in every log line.
    var mayHoldSecret: Bool {
        if confidential { return true }
        let plain = ["preset", "author", "version", "description", "hooks", "public_url"]
        guard section == .plugin, !plain.contains(name) else { return false }
        switch form {
        case .text, .template, .url, .other: return true
        case .path, .list, .duration, .size, .flag, .number, .choice: return false
        }
    }

    /// What to write, for remedies: its form, and its default where it has one.
    var advice: String {
        "Write " + form.wording + (standard.map { "; the default is \($0)" } ?? "")
    }
}

/// What a value looks like, in words for problems and documentation.
package enum ValueForm: Sendable, Equatable {
    case text, path, url, template, list, duration, size
    /// `0` or `1`.
    case flag
    /// A whole number within limits.
    case number(ClosedRange<Int>)
    /// One of these words.
    case choice([String])
    /// Anything else, in words: `a rate such as 5/m`.
    case other(String)

    /// What to write, following "write": `a duration such as 5s`.
    package var wording: String {
        switch self {
        case .text: "text"
        case .path: "a path"
        case .url: "a URL that begins with http:// or https://"
        case .template: "a template such as {{file.sha256}}"
        case .list: "a list, separated by commas"
        case .duration: "a duration such as 100ms, 5s, 10m, 1h or 3d"
        case .size: "a size such as 64KB, 100MB or 1GiB"
        case .flag: "1 or 0"
        case .number(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .choice(let words): words.joined(separator: ", ")
        case .other(let words): words
        }
    }
}
