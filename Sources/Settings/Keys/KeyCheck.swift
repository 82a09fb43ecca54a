// Finds keys that do not exist. Runs over every file as it was written, also where a stronger layer hides the
// key, because a mistyped key is never meant.

import Model

/// Checks the keys of a section against the table.
struct KeyCheck {
    let findings: Findings

    /// Words that other programs have for a key.
    private static let otherWords = [
        "retries": "max_attempts", "max_retries": "max_attempts", "retry": "backoff and max_attempts",
        "endpoint": "url", "events": "hooks", "subscribe": "hooks", "filters": "filter",
        "headers": "header.NAME",
        "fields": "field.NAME", "form": "field.NAME", "token": "auth.token, with auth = bearer",
        "username": "auth.username, with auth = basic", "password": "auth.password, with auth = basic",
        "user": "auth.username, with auth = basic", "ca": "tls.ca", "cert": "tls.cert", "key": "tls.key",
        "verify": "tls.ca", "limit": "rate", "workers": "concurrency", "type": "body", "json": "template",
        "payload": "template", "signing_secret": "secret", "link": "public_url", "active": "enabled",
        "attributes": "attribute.KEY", "tags": "tag", "comments": "comment", "content-type": "content_type",
    ]

    /// `section` without its unknown keys, which are reported; `displayed` is its name in problems.
    func known(
        _ section: INISection, as kind: SettingKey.Section, displayed: String, path: String
    ) -> INISection {
        var known = section
        known.entries.removeAll { SettingKey.declaration(of: $0.key, in: kind) == nil }
        for entry in section.entries where SettingKey.declaration(of: entry.key, in: kind) == nil {
            let (message, suggestion) = explain(entry.key, in: kind)
            findings.add(
                SettingsProblem(
                    .error, file: path, line: entry.line, section: displayed, key: entry.key,
                    message: message, suggestion: suggestion))
        }
        return known
    }

    /// What is wrong with an unknown key, and what would be right.
    func explain(_ key: String, in kind: SettingKey.Section) -> (message: String, suggestion: String) {
        if kind == .plugin, let name = KeyCheck.otherWords[key.lowercased()] {
            return ("unknown key", "Write \(name)")
        }
        if let family = KeyCheck.family(key, in: kind) { return family }
        if let other = SettingKey.Section.allCases.first(where: {
            $0 != kind && SettingKey.declaration(of: key, in: $0) != nil
        }) {
            let place = other == .plugin ? "plugin:NAME" : other.rawValue
            return ("unknown key here", "Move it to [\(place)]")
        }
        let names = SettingKey.keys(of: kind).map(\.name)
        guard let near = Nearest.match(key, among: names) else {
            return (
                "unknown key",
                KeyCheck.group(of: key, names) ?? "Remove it; docs/configuration.md lists all keys"
            )
        }
        return ("unknown key", "Write \(near)")
    }

    /// For `auth.user`: the keys that begin with `auth.`.
    private static func group(of key: String, _ names: [String]) -> String? {
        let group = key.prefix { $0 != "." } + "."
        let members = names.filter { $0.hasPrefix(group) }
        return members.isEmpty ? nil : "Write one of " + members.joined(separator: ", ")
    }

    /// Explains keys of families that are not quite right: `field`, `attribute.drakvuf.lable`.
    private static func family(
        _ key: String, in kind: SettingKey.Section
    ) -> (message: String, suggestion: String)? {
        guard kind == .plugin else { return nil }
        let parts = key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let families = ["field", "header", "extract", "attribute"]
        if families.contains(parts[0]), parts.count == 1 || parts[1].isEmpty {
            return ("has no name", "Write \(parts[0]).NAME = VALUE")
        }
        if parts[0] == "attribute", parts.count == 3 {
            let details = ["label", "description", "url_template", "readers", "match"]
            let near = Nearest.match(parts[2], among: details)
            return (
                "unknown key",
                near.map { "Write attribute.\(parts[1]).\($0)" }
                    ?? "An attribute has label, description, url_template, readers and match"
            )
        }
        if parts[0] == "attribute", parts.count > 3 {
            return ("unknown key", "Write attribute.KEY or attribute.KEY.label; a KEY holds no dot")
        }
        guard parts.count > 1, let near = Nearest.match(parts[0], among: families) else { return nil }
        return ("unknown key", "Write \(near).\(parts.dropFirst().joined(separator: "."))")
    }
}
