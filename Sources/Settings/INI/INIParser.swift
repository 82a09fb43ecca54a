// The INI dialect of MWDB (Python's configparser, https://docs.python.org/3/library/configparser.html),
// without interpolation and without [DEFAULT]. It goes on after an error, so that all errors of a file are
// shown at once.
//
// - `#` or `;` first on a line starts a comment; there are none behind a value.
// - A line indented deeper than its key continues the value; blank lines inside belong to it.
// - A section or key that stands twice is an error, not a silent choice.

/// Reads one INI file.
struct INIParser {
    private let path: String
    private let findings: Findings
    private var sections: [INISection] = []
    private var indentation = 0
    private var continues = false
    private var linesOfKeys: [String: Int] = [:]

    /// Parses `bytes`, the content of the file at `path`; problems go to `findings`.
    static func parse(_ bytes: [UInt8], path: String, findings: Findings) -> INIFile {
        var parser = INIParser(path: path, findings: findings)
        let text = INIText(bytes, path: path, findings: findings)
        for (index, line) in text.lines.enumerated() {
            parser.take(line, number: index + 1)
        }
        return INIFile(path: path, sections: parser.sections.map(parser.withoutBlankEnds))
    }

    private init(path: String, findings: Findings) {
        self.path = path
        self.findings = findings
    }

    private mutating func take(_ line: String, number: Int) {
        let text = line.trimmed
        guard let first = text.unicodeScalars.first else { return takeBlank(number) }
        if first == "#" || first == ";" { return }
        let depth = line.unicodeScalars.prefix { $0 == " " || $0 == "\t" }.count
        if continues, depth > indentation {
            return append(INILine(text: text, number: number))
        }
        continues = false
        indentation = depth
        if first == "[" {
            takeHeader(text, number)
        } else {
            takeEntry(text, number)
        }
    }

    private mutating func takeBlank(_ number: Int) {
        if continues { append(INILine(text: "", number: number)) }
    }

    private mutating func append(_ line: INILine) {
        guard let section = sections.indices.last else { return }
        let entry = sections[section].entries.count - 1
        if entry >= 0 { sections[section].entries[entry].lines.append(line) }
    }

    private mutating func takeHeader(_ text: String, _ number: Int) {
        linesOfKeys = [:]
        guard let close = text.firstIndex(of: "]") else {
            report(number, "the section's bracket is not closed", "Write \(text)] on a line of its own")
            return sections.append(INISection(name: Self.sectionName(text.dropFirst()), line: number))
        }
        if text.index(after: close) != text.endIndex {
            report(
                number, "text after the section's bracket",
                "End the line after ]; a comment stands on a line of its own")
        }
        let name = Self.sectionName(text[text.index(after: text.startIndex)..<close])
        if let earlier = sections.first(where: { $0.name == name }) {
            report(
                number, "the section stands twice, first in line \(earlier.line)",
                "Move its keys there and remove this header", section: name)
        }
        sections.append(INISection(name: name, line: number))
    }

    /// `plugin : x` is `plugin:x`: one section has one name, or what stands in it would be overlooked.
    private static func sectionName(_ text: Substring) -> String {
        let name = text.trimmed
        return PluginName.inSection(name).map { "plugin:" + $0 } ?? name
    }

    private mutating func takeEntry(_ text: String, _ number: Int) {
        guard let equals = text.firstIndex(of: "=") else {
            let shown = "`" + text.prefix(30) + "`"
            return report(
                number, "\(shown) is no key = value",
                "Write key = value, start a comment with #, or indent it deeper than the key it continues",
                section: sections.last?.name)
        }
        let name = text[..<equals].trimmed
        guard !name.isEmpty else {
            return report(number, "no key before =", "Write key = value", section: sections.last?.name)
        }
        guard let section = sections.indices.last else {
            return report(
                number, "stands before the first section", "Put [webhooks] or [plugin:NAME] above it",
                key: name)
        }
        let entry = INIEntry(
            key: name, line: number,
            lines: [INILine(text: text[text.index(after: equals)...].trimmed, number: number)])
        if let earlier = linesOfKeys.updateValue(number, forKey: name) {
            report(
                number, "stands twice, first in line \(earlier)", "Remove one of them",
                section: sections[section].name, key: entry.key)
        }
        sections[section].entries.append(entry)
        continues = true
    }

    private func withoutBlankEnds(_ section: INISection) -> INISection {
        var section = section
        for index in section.entries.indices {
            while section.entries[index].lines.count > 1, section.entries[index].lines.last?.text == "" {
                section.entries[index].lines.removeLast()
            }
        }
        return section
    }

    private func report(
        _ line: Int, _ message: String, _ suggestion: String, section: String? = nil, key: String? = nil
    ) {
        findings.add(
            SettingsProblem(
                .error, file: path, line: line, section: section, key: key, message: message,
                suggestion: suggestion))
    }
}
