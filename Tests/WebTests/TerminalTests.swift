// What reaches a terminal: aligned, and without anything that a terminal acts on.

import Glibc
import Model
import Testing

@testable import Web
@testable import mwdb_webhooks

@Suite("Terminal")
struct TerminalTests {
    @Test(
        "What a terminal would act on is shown and does nothing",
        arguments: [
            ("\u{1b}[2J", "\\x1b[2J"), ("a\r\nb", "a\\r\\nb"), ("\0", "\\x00"), ("\u{7f}", "\\x7f"),
            ("\u{9b}31m", "\\x9b31m"), ("exe.\u{202e}fdp", "exe.\\u{202e}fdp"), ("a\u{200b}b", "a\\u{200b}b"),
            ("\u{2066}x\u{2069}", "\\u{2066}x\\u{2069}"), ("\u{feff}", "\\u{feff}"),
            ("\u{2028}", "\\u{2028}"),
            ("\u{e0041}", "\\u{e0041}"), ("\u{115f}\u{1160}", "\\u{115f}\\u{1160}"),
            ("\u{17b4}\u{17b5}", "\\u{17b4}\\u{17b5}"), ("a\u{3164}", "a\\u{3164}"),
            ("\u{ffa0}", "\\u{ffa0}"), ("tab\there", "tab\\there"), ("zażółć 😀", "zażółć 😀"), ("", ""),
        ])
    func neutral(text: String, shown: String) {
        #expect(Neutral.line(text) == shown)
    }

    @Test("The pages show by its code what a terminal would not show either")
    func pages() throws {
        let line = try #require(Asset.dom.split(separator: "\n").first { $0.contains("const HIDDEN = ") })
        let found = try #require(line.firstMatch(of: /\[.+\]/))
        let hidden = try Regex(String(found.0)).matchingSemantics(.unicodeScalar)
        let values = Array(0x20...UInt32(0xd7ff)) + Array(0xe000...0xffff) + Array(0xe0000...0xe0fff)
        let shown = values.compactMap(Unicode.Scalar.init).filter { scalar in
            let text = String(scalar)
            return scalar != "\\" && Neutral.line(text) != text && !text.contains(hidden)
        }
        #expect(shown.map { String($0.value, radix: 16) }.prefix(9) == [])
        #expect("\u{e0041}".contains(hidden))
        #expect(!"zażółć 😀 日本\n".contains(hidden))
    }

    @Test("A block keeps its lines and tabs, and nothing else")
    func block() {
        #expect(Neutral.block("a\tb\n\u{1b}]0;x\u{07}\n") == "a\tb\n\\x1b]0;x\\x07\n")
    }

    @Test("JSON stays the same JSON when it is made harmless")
    func json() throws {
        let value = JSON.object([.init(key: "k\u{202e}", value: .string("\u{9b}31m \u{e0041} \u{1b}"))])
        let text = Neutral.json(value.serialised())
        #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value < 0x7f })
        #expect(try JSON.parse(Array(text.utf8)) == value)
    }

    @Test("Exported lines are harmless on a terminal, and byte for byte in a file")
    func exported() throws {
        let lines = Array("{\"name\":\"\u{9b}31m\u{202e}\"}\n{}\n".utf8)
        let pseudoTerminal = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        defer { close(pseudoTerminal) }
        // TIOCSPTLCK and TIOCGPTN, which Swift's Glibc does not have, as little as posix_openpt(3).
        var (isLocked, number): (Int32, UInt32) = (0, 0)
        try #require(ioctl(pseudoTerminal, 0x4004_5431, &isLocked) == 0)
        try #require(ioctl(pseudoTerminal, 0x8004_5430, &number) == 0)
        let terminal = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
        defer { close(terminal) }
        try Terminal(descriptor: terminal).write(lines: lines)
        #expect(try text(in: pseudoTerminal) == "{\"name\":\"\\u009b31m\\u202e\"}\r\n{}\r\n")

        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        defer { close(ends[0]) }
        try Terminal(descriptor: ends[1]).write(lines: lines)
        close(ends[1])
        #expect(try Array(text(in: ends[0]).utf8) == lines)
    }

    /// What one read(2) gives.
    private func text(in descriptor: Int32) throws -> String {
        var bytes = [UInt8](repeating: 0, count: 1000)
        let count = read(descriptor, &bytes, bytes.count)
        try #require(count > 0)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    @Test("Columns are aligned by what characters take on the screen")
    func table() {
        var table = Table([.text("NAME"), .number("N")])
        table.add(["日本", "5"])
        table.add(["e\u{301}", "100"])
        table.add(["long name", "-"])
        #expect(
            table.lines(width: nil, style: .plain) == [
                "NAME         N", "日本         5", "e\u{301}          100", "long name    -",
            ])
    }

    @Test("A narrow terminal cuts the columns that may be cut, and no line is wider than it")
    func narrow() {
        var table = Table([.text("ID"), .text("WHY", shrinksTo: 6), .text("URL", shrinksTo: 4)])
        table.add(["0123456789", String(repeating: "x", count: 50), "日本日本日本日本"])
        for line in table.lines(width: 40, style: .plain) { #expect(Columns.width(line) <= 40) }
        let least = table.lines(width: 1, style: .plain)[1]
        #expect(least.hasPrefix("0123456789  xxxxx…  "))
    }

    @Test("A hostile cell cannot leave its cell")
    func hostileCell() {
        var table = Table([.text("A"), .text("B")])
        table.add(["x\n\u{1b}[1A", "y"])
        let lines = table.lines(width: nil, style: Style(isOn: true))
        #expect(lines.count == 2)
        #expect(lines[1] == "x\\n\\x1b[1A  y")
    }

    @Test("Colours only where they are wanted")
    func style() {
        #expect(Style.plain.bad("x") == "x")
        #expect(Style(isOn: true).bad("x") == "\u{1b}[31mx\u{1b}[0m")
    }

    @Test("Figures in words")
    func wording() {
        #expect(Wording.age(.seconds(119)) == "119 s")
        #expect(Wording.age(.minutes(119)) == "119 min")
        #expect(Wording.age(.hours(47)) == "47 h")
        #expect(Wording.age(.days(3)) == "3 d")
        #expect(Wording.age(.seconds(-5)) == "0 s")
        #expect(
            [0, 999, 1000, 9_949, 10_000, 123_456_789].map { Wording.size($0) } == [
                "0 B", "999 B", "1.0 kB", "9.9 kB", "10 kB", "123 MB",
            ])
        #expect(
            [40, 9_999, 10_000, 1_234_567].map { Wording.duration(microseconds: $0) } == [
                "0.0 ms", "9.9 ms", "10 ms", "1.234 s",
            ])
        #expect(Wording.count(1, "delivery") == "1 delivery")
        #expect(Wording.count(0, "delivery") == "0 deliveries")
        #expect(Wording.count(2, "process") == "2 processes")
        #expect(Wording.moment("2026-11-23T18:28:03.266Z") == "2026-11-23 18:28:03")
    }
}
