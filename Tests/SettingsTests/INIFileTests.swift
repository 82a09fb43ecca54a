// The INI dialect: what it reads, and what it refuses and where.

import Testing

@testable import Settings

struct INIFileTests {
    private func parse(_ text: String) -> (INIFile, [SettingsProblem]) {
        parse(bytes: Array(text.utf8))
    }

    private func parse(bytes: [UInt8]) -> (INIFile, [SettingsProblem]) {
        let findings = Findings()
        let file = INIParser.parse(bytes, path: "/x.ini", findings: findings)
        return (file, findings.problems)
    }

    @Test func sectionsKeysAndLines() {
        let (file, problems) = parse(
            "# top\n[ webhooks ]\nspool=/a\n; no\nlisten = x = y\n\n[plugin:b]\nurl =\n")
        #expect(problems.isEmpty)
        #expect(file.sections.map(\.name) == ["webhooks", "plugin:b"])
        #expect(file.sections.map(\.line) == [2, 7])
        #expect(file.sections[0].entries.map(\.key) == ["spool", "listen"])
        #expect(file.sections[0].entries.map(\.value) == ["/a", "x = y"])
        #expect(file.sections[0].entries.map(\.line) == [3, 5])
        #expect(file.sections[1].entries[0].value == "")
    }

    @Test func continuationLinesKeepTheirNumbers() {
        let (file, problems) = parse("[a]\nfilter =\n    one\n# comment\n    two\n\n    three\n\nnext = 1\n")
        #expect(problems.isEmpty)
        let filter = file.sections[0].entries[0]
        #expect(filter.value == "one\ntwo\n\nthree")
        #expect(filter.valueLines.map(\.number) == [3, 5, 6, 7])
        #expect(file.sections[0].entries[1].key == "next")
    }

    @Test func indentedKeysAreKeys() {
        let (file, problems) = parse("[a]\n  one = 1\n  two = 2\n    more\n")
        #expect(problems.isEmpty)
        #expect(file.sections[0].entries.map(\.key) == ["one", "two"])
        #expect(file.sections[0].entries[1].value == "2\nmore")
    }

    @Test func namesAfterTheDotKeepTheirCase() {
        let (file, _) = parse("[a]\nfield.fooBar = 1\nheader.X-Key = 2\n")
        #expect(file.sections[0].entries.map(\.key) == ["field.fooBar", "header.X-Key"])
    }

    @Test func nothingIsInterpolated() {
        let (file, _) = parse("[a]\nx = %(y)s ${y} $y\ny = 1\n")
        #expect(file.sections[0].entries[0].value == "%(y)s ${y} $y")
    }

    @Test func marksAndLineEndsOfOtherSystems() {
        let (file, problems) = parse(bytes: [0xEF, 0xBB, 0xBF] + Array("[a]\r\nx = 1\r\n  2\r\n".utf8))
        #expect(problems.isEmpty)
        #expect(file.sections[0].entries[0].value == "1\n2")
    }

    @Test(arguments: [
        ("[a]\nx = 1\nx = 2\n", 3, "stands twice, first in line 2"),
        ("[a]\nx = 1\n[b]\n[a]\n", 4, "the section stands twice, first in line 1"),
        ("x = 1\n", 1, "stands before the first section"),
        ("[a]\nx\n", 2, "`x` is no key = value"),
        ("[a]\n= 1\n", 2, "no key before ="),
        ("[a\nx = 1\n", 1, "the section's bracket is not closed"),
        ("[a] # b\n", 1, "text after the section's bracket"),
        ("[a]\nx = 1\u{0}2\n", 2, "a NUL byte"),
        ("[a]\nx = \u{1B}[1m\n", 2, "a control character (byte 0x1b)"),
    ])
    func refused(text: String, line: Int, message: String) {
        let (_, problems) = parse(text)
        #expect(problems.map(\.line) == [line])
        #expect(problems.map(\.message) == [message])
        #expect(problems.allSatisfy { $0.file == "/x.ini" && !$0.suggestion.isEmpty })
    }

    @Test(arguments: ["[plugin: a]", "[plugin : a]", "[ plugin :a ]", "[plugin:a]"])
    func aPluginsSectionHasOneName(_ header: String) {
        let (file, problems) = parse(header + "\nurl = x\n")
        #expect(problems.isEmpty && file.section("plugin:a")?.entries.count == 1)
        let (_, twice) = parse("[plugin:a]\nurl = x\n" + header + "\nhooks = *\n")
        #expect(twice.map(\.line) == [3])
    }

    @Test func bytesThatAreNoText() {
        #expect(parse(bytes: Array("[a]\nx = ".utf8) + [0xFF, 0x0A]).1.map(\.message) == ["not valid UTF-8"])
        #expect(parse(bytes: [0xFF, 0xFE, 0x5B, 0x00]).1.map(\.message) == ["is written in UTF-16"])
        let long = [UInt8](repeating: 0x23, count: INIFile.sizeLimit + 1)
        #expect(parse(bytes: long).1.map(\.message) == ["larger than 1048576 bytes"])
    }

    @Test func allErrorsOfAFileAtOnce() {
        let (file, problems) = parse("y = 1\n[a]\nx\nx = 1\nx = 2\n[a]\nz = 3\n")
        #expect(problems.map(\.line) == [1, 3, 5, 6])
        #expect(file.sections.last?.entries.first?.key == "z")
    }
}
