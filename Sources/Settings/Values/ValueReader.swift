// Reads the values of one merged section into Swift's types. A value that cannot be read is reported with
// what its key wants, and counts as not set, so that reading goes on and finds the next problem too.

import Model

/// Reads the values of a section.
struct ValueReader {
    let section: LayeredSection
    let kind: SettingKey.Section
    let sources: SettingsSources
    let findings: Findings

    /// The value as written; nil when it is not set, or set to nothing, which takes back what a weaker layer
    /// says.
    func written(_ key: String) -> WrittenValue? {
        guard let value = section[key], !value.text.isEmpty else { return nil }
        return value
    }

    /// The value with its references resolved.
    func resolved(_ key: String) -> ResolvedText? {
        guard let value = written(key) else { return nil }
        let text = SecretReferences(sources: sources, findings: findings).resolve(value)
        if let text { keepSecrets(of: text, key: value.key) }
        return text
    }

    /// Values that are secrets although they are written plainly are redacted like those of references.
    private func keepSecrets(of text: ResolvedText, key: String) {
        if SettingKey.declaration(of: key, in: kind)?.confidential == true {
            findings.add(secret: text.string)
        } else if EffectiveView.soundsSecret(key), !text.string.contains("{{") {
            for word in text.string.split(separator: " ") where word.count >= 8 {
                findings.add(secret: String(word))
            }
        }
    }

    /// The value as text.
    func text(_ key: String) -> String? {
        resolved(key)?.string
    }

    /// The value as text on one line.
    func line(_ key: String) -> String? {
        guard let text = text(key) else { return nil }
        guard !text.contains("\n") else {
            report(key, "has more than one line", "Write it on one line")
            return nil
        }
        return text
    }

    /// `0` or `1`, and the other words that configparser knows for them.
    func flag(_ key: String) -> Bool? {
        guard let text = text(key) else { return nil }
        switch text.lowercased() {
        case "1", "yes", "true", "on": return true
        case "0", "no", "false", "off": return false
        default:
            bad(key, text)
            return nil
        }
    }

    /// A whole number within the limits that the table has for the key.
    func number(_ key: String) -> Int? {
        guard let text = text(key) else { return nil }
        guard case .number(let range) = SettingKey.declaration(of: key, in: kind)?.form,
            let number = Int(text), range.contains(number)
        else {
            bad(key, text)
            return nil
        }
        return number
    }

    /// A duration within `range`.
    func span(_ key: String, _ range: ClosedRange<Span>) -> Span? {
        parse(key) { text throws(ValueError) in
            let span = try Span(parsing: text)
            guard range.contains(span) else {
                throw ValueError(
                    "\(text) is not between \(range.lowerBound.words) and \(range.upperBound.words)")
            }
            return span
        }
    }

    /// A size in bytes within `range`.
    func bytes(_ key: String, _ range: ClosedRange<Int64>) -> Int64? {
        parse(key) { text throws(ValueError) in
            let bytes = try ByteSize.parse(text)
            guard range.contains(bytes) else {
                throw ValueError(
                    "\(text) is not between \(words(range.lowerBound)) and \(words(range.upperBound))")
            }
            return bytes
        }
    }

    /// One of the words of an enumeration.
    func choice<Choice: RawRepresentable & CaseIterable>(_ key: String, _ type: Choice.Type) -> Choice?
    where Choice.RawValue == String {
        guard let text = text(key) else { return nil }
        if let choice = Choice(rawValue: text.lowercased()) { return choice }
        let words = Choice.allCases.map(\.rawValue)
        let near = Nearest.match(text, among: words)
        report(
            key, "\(quoted(text)) is none of " + words.joined(separator: ", "),
            near.map { "Write \($0)" } ?? "Write one of them" + commentHint(text))
        return nil
    }

    /// The elements of a list; empty when the value is set to nothing, nil when it is not set.
    func list(_ key: String) -> [String]? {
        guard let value = section[key] else { return nil }
        if value.text.isEmpty { return [] }
        guard let text = text(key) else { return nil }
        let elements = text.split(whereSeparator: { $0 == "," || $0 == "\n" }).map(\.trimmed)
        return elements.filter { !$0.isEmpty }
    }

    /// An absolute path.
    func path(_ key: String) -> String? {
        guard let value = written(key), let text = line(key) else { return nil }
        return FilePath.absolute(text, in: value.folder, home: sources.home)
    }

    /// A template.
    func template(_ key: String) -> Template? {
        guard let text = resolved(key) else { return nil }
        do {
            return try text.template()
        } catch {
            report(key, error.description, "Correct the placeholder; {{file.sha256}} is one")
            return nil
        }
    }

    /// What `parse` makes of the value; its error is reported.
    func parse<Value>(_ key: String, _ parse: (String) throws(ValueError) -> Value) -> Value? {
        guard let text = text(key) else { return nil }
        do {
            return try parse(text)
        } catch {
            report(key, error.problem, advice(key) + commentHint(text))
            return nil
        }
    }

    /// Reports a problem with a key, where it is written.
    func report(
        _ key: String, _ message: String, _ suggestion: String,
        severity: SettingsProblem.Severity = .error, lineIndex: Int = 0
    ) {
        if let value = section[key] {
            value.report(message, suggestion, severity: severity, lineIndex: lineIndex, to: findings)
        } else {
            findings.add(
                SettingsProblem(
                    severity, file: section.place?.path, line: section.place?.line, section: section.name,
                    key: key, message: message, suggestion: suggestion))
        }
    }

    private func bad(_ key: String, _ text: String) {
        report(key, "\(quoted(text)) is not \(wording(key))", advice(key) + commentHint(text))
    }

    private func words(_ bytes: Int64) -> String {
        let units: [(Int64, String)] = [(1_000_000_000_000, "TB"), (1_000_000, "MB"), (1000, "KB")]
        for (size, unit) in units where bytes >= size && bytes % size == 0 { return "\(bytes / size)\(unit)" }
        return "\(bytes)"
    }

    private func advice(_ key: String) -> String {
        SettingKey.declaration(of: section[key]?.key ?? key, in: kind)?.advice ?? "Correct it"
    }

    private func wording(_ key: String) -> String {
        SettingKey.declaration(of: key, in: kind)?.form.wording ?? "a value"
    }

    /// A value for a message: short, and set off so that blanks show.
    func quoted(_ text: String) -> String {
        "`" + (text.count > 80 ? text.prefix(77) + "…" : text[...]) + "`"
    }

    /// Values that look as if they ended in a comment.
    private func commentHint(_ text: String) -> String {
        text.contains(" #") || text.contains(" ;") ? "; a comment stands on a line of its own" : ""
    }
}

extension ValueError {
    /// The message without the examples behind it: a remedy follows that says what to write.
    var problem: String {
        let ends = [
            "; write", "; make one", "; durations look", "; sizes look", "; rates look", "; networks look",
        ]
        let cut = ends.compactMap { message.firstRange(of: $0)?.lowerBound }.min()
        return String(message[..<(cut ?? message.endIndex)])
    }
}
