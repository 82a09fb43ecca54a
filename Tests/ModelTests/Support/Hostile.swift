// Strings that an attacker would choose, and a random source that is the same at every run.

/// Strings that break what is careless.
enum Hostile {
    /// Quotes, line breaks, NUL, right-to-left marks, markup, template and secret syntax, traversal, 10 kB.
    static let strings: [String] = [
        "", " ", "\"", "'", "\\", "\\\"", "a\"b\\c", "\r\n", "a\r\nX-Evil: 1", "\n", "\u{0}", "a\u{0}b",
        "\u{7F}",
        "\u{1B}[31m", "\u{202E}gnp.exe", "\u{200F}\u{202A}\u{2066}", "\u{2028}\u{2029}", "\u{FEFF}",
        "<script>alert(1)</script>", "]]>", "--><b>", "&amp;", "{{file.sha256}}", "{{", "}}", "{{{{x}}}}",
        "${file:/etc/passwd}", "${env:HOME}", "%s%n", "$(id)", "`id`", "../../etc/passwd", "..", ".", "/",
        "?a=b&c=d#e", "https://evil.example/", "@everyone", "<!channel>", "<@U123>", "<https://evil|click>",
        "-- ; DROP TABLE", "\u{1F9EA}\u{1F468}\u{200D}\u{1F469}", "e\u{301}", "ą ż ó ł", "\u{FFFD}",
        "\u{10FFFF}",
        String(repeating: "A", count: 10_240), String(repeating: "\"", count: 10_240),
        String(repeating: "\u{1F9EA}", count: 2_560), String(repeating: "{{x", count: 3_000),
    ]
}

extension String {
    /// The text's bytes.
    var bytes: [UInt8] { Array(utf8) }
}

extension [UInt8] {
    /// The bytes as text.
    var string: String { String(decoding: self, as: UTF8.self) }
}
