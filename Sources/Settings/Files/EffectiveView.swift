// What is in force, to be shown: the merged keys with where they were written, the defaults of the rest, and
// never a secret. References are shown as they were written, `${file:…}`, since they say more than a mark.

import Model

/// Shows a merged section.
struct EffectiveView {
    let kind: SettingKey.Section
    /// Knows the secrets that were resolved.
    let redaction: Redaction

    /// The settings of `section` in force, in the order of the table; families in the order of the files.
    func settings(_ section: LayeredSection) -> [EffectiveSetting] {
        var shown: [EffectiveSetting] = []
        for declaration in SettingKey.keys(of: kind) {
            if declaration.isFamily {
                shown += section.keys.filter(declaration.names).compactMap { key in
                    section[key].map { show($0, declaration) }
                }
            } else if let value = section[declaration.name] {
                shown.append(show(value, declaration))
            } else if let standard = declaration.standard {
                shown.append(EffectiveSetting(key: declaration.name, value: standard, origin: .standard))
            }
        }
        return shown
    }

    private func show(_ value: WrittenValue, _ declaration: SettingKey) -> EffectiveSetting {
        let confidential = declaration.confidential || EffectiveView.soundsSecret(value.key)
        let text =
            confidential && !isReference(value.text) && !value.text.isEmpty
            ? Redaction.mark : redaction.redact(value.text)
        return EffectiveSetting(key: value.key, value: text, origin: value.origin)
    }

    /// Whether all of it comes from references and at most words such as `Bearer` stand beside them.
    private func isReference(_ text: String) -> Bool {
        guard text.contains("${") else { return false }
        var plain = ""
        var rest = text[...]
        while let opening = rest.firstRange(of: "${"),
            let closing = rest[opening.upperBound...].firstIndex(of: "}")
        {
            plain += rest[..<opening.lowerBound]
            rest = rest[rest.index(after: closing)...]
        }
        plain += rest
        let words = ["bearer", "basic", "token", "splunk", "apikey", "api_key", "key"]
        return plain.split(whereSeparator: { " ,\t".contains($0) }).allSatisfy {
            words.contains($0.lowercased())
        }
    }

    /// Headers and fields whose names say that their values are secrets.
    static func soundsSecret(_ key: String) -> Bool {
        guard key.hasPrefix("header.") || key.hasPrefix("field.") else { return false }
        let name = key.lowercased()
        return ["auth", "token", "secret", "apikey", "api-key", "api_key", "x-key", "password", "cookie"]
            .contains { name.contains($0) }
    }
}
