// Regular expressions: the usual meaning, and a bound on time whatever the text.

import Testing

@testable import Model

@Suite struct PatternTests {
    @Test(
        arguments: [
            ("abc", "xabcx", "abc"), ("^abc$", "abc", "abc"), ("^abc$", "abcd", nil), ("a.c", "a\nc", nil),
            ("(?s)a.c", "a\nc", "a\nc"),
            ("a|ab", "ab", "a"), ("ab|a", "ab", "ab"), ("a*", "baaa", ""), ("a+", "baaa", "aaa"),
            ("a+?", "baaa", "a"),
            ("a{2}", "aaa", "aa"), ("a{2,}", "aaaa", "aaaa"), ("a{1,2}", "aaa", "aa"),
            ("a{,2}", "a{,2}", "a{,2}"), ("x{", "x{", "x{"),
            ("[a-c]+", "xxabcd", "abc"), ("[^a-c]+", "abxyc", "xy"), ("[]a]+", "x]a", "]a"),
            ("[a-]+", "b-a", "-a"), ("[\\d_]+", "a1_2", "1_2"),
            ("[^\\w]+", "ab -c", " -"), ("[\\W]", "a-", "-"), ("\\d+", "a123b", "123"),
            ("\\bcat\\b", "a cat!", "cat"), ("\\bcat\\b", "concat", nil),
            ("\\Bcat", "concat", "cat"), ("(?i)MALWARE", "my MalWare", "MalWare"), ("(?i)[a-c]x", "BX", "BX"),
            ("(?i)[^a]", "A", nil),
            ("(?m)^b$", "a\nb\nc", "b"), ("^b", "a\nb", nil), ("\\x41\\u0042", "AB", "AB"),
            ("\\.", "a.b", "."), ("é+", "caféé", "éé"),
            ("\u{1F9EA}", "x\u{1F9EA}", "\u{1F9EA}"), ("(?:ab)+", "ababa", "abab"), ("", "abc", ""),
            ("a||b", "b", ""), ("\\_", "_", "_"),
            ("\\Aab\\z", "ab", "ab"), ("[.]", "a", nil), ("$", "ab", ""), ("(?:a*)*b", "aab", "aab"),
            ("(?:|a)+", "aa", ""), ("(?:|a)*b", "aab", "aab"),
        ] as [(String, String, String?)])
    func wholeMatches(pattern: String, text: String, expected: String?) throws {
        let pattern = try Pattern(parsing: pattern)
        #expect(pattern.capture(in: text) == expected)
        #expect(pattern.isFound(in: text) == (expected != nil))
    }

    @Test(
        arguments: [
            ("id=(\\d+)", "x id=42;", "42"), ("(a)|b", "b", nil), ("(a|b)(c)", "bc", "b"),
            ("(?<uid>[0-9a-f-]+)$", "task 12-ab", "12-ab"),
            ("(?P<uid>x+)", "axx", "xx"), ("(?:a)(b)", "ab", "b"), ("(a*)+", "aa", "aa"),
            ("<a>(.*?)</a>", "<a>1</a><a>2</a>", "1"),
            ("(a)?b", "b", nil), ("(a)?b", "ab", "a"),
        ] as [(String, String, String?)])
    func groups(pattern: String, text: String, expected: String?) throws {
        #expect(try Pattern(parsing: pattern).capture(in: text) == expected)
    }

    @Test func wholeText() throws {
        let pattern = try Pattern(parsing: "[A-Za-z0-9._-]+")
        #expect(pattern.matchesWhole("abc-1.2_3"))
        for text in ["", "a b", "a\n", "\na", "a/b", "ą", "a\u{301}", "<a>", "a\u{0}"] {
            #expect(!pattern.matchesWhole(text), "\(text)")
        }
        #expect(try Pattern(parsing: "a|ab").matchesWhole("ab"))
        #expect(try Pattern(parsing: "a*?").matchesWhole("aaa"))
        #expect(try !Pattern(parsing: "a*").matchesWhole(String(repeating: "a", count: 65_537)))
    }

    @Test(arguments: [
        "(", ")", "(a", "a)", "[", "[a", "[z-a]", "[\\d-z]", "*", "+a", "a**", "a{2}{3}", "a{3,2}", "a{1001}",
        "a++", "\\", "\\1", "\\k<a>",
        "(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "(?>a)", "a(?i)b", "(?x)a", "(?iq)a", "\\p{L}", "\\xZZ",
        "\\u12", "\\uD800", "^*", "\\b+", "(?<a b>c)",
        "(?i", "(?",
    ])
    func refused(source: String) {
        let error = #expect(throws: ValueError.self) { try Pattern(parsing: source) }
        #expect(error?.message.contains("regular expression") == true)
    }

    @Test func largeExpressionsAreRefused() {
        for source in [
            "(?:(?:a{1000}){1000}){1000}", "(?:(?:(?:(?:){1000}){1000}){1000}){1000}",
            String(repeating: "a", count: 5_000),
            String(repeating: "(", count: 5_000), String(repeating: "a|", count: 5_000),
        ] { #expect(throws: ValueError.self) { try Pattern(parsing: source) } }
    }

    /// A backtracking engine would need 2^2000 steps for the first. Counted by finishing at all.
    @Test(arguments: [
        "(a+)+$", "(a|a)+$", "(a|aa)+$", "(.*)*x", "^(([a-z])+.)+[A-Z]([a-z])+$", "(a?){30}a{30}$",
    ])
    func catastrophicPatternsAreNot(source: String) throws {
        let text = String(repeating: "a", count: 2_000) + "!"
        #expect(try !Pattern(parsing: source).isFound(in: text))
    }

    @Test func textBeyondTheLimitIsNotLookedAt() throws {
        let long = String(repeating: "a", count: 70_000) + "b"
        #expect(try !Pattern(parsing: "b").isFound(in: long))
        #expect(try !Pattern(parsing: "a$").isFound(in: long))
        #expect(try Pattern(parsing: "^a{10}").isFound(in: long))
    }

    @Test(arguments: Hostile.strings)
    func hostilePatternsAndTexts(text: String) throws {
        if let pattern = try? Pattern(parsing: text) { _ = pattern.capture(in: String(text.prefix(200))) }
        #expect(
            try Pattern(parsing: "^[^\\x00-\\x1F\\x7F]*$").isFound(in: text) == !text.utf8.contains {
                $0 < 0x20 || $0 == 0x7F
            })
    }

    /// Random expressions on random texts against the standard library's engine, which means the same by them.
    @Test func agreesWithSwiftsEngine() throws {
        var dice = SeededRandom(seed: 7)
        let atoms = [
            "a", "b", ".", "[ab]", "[^a]", "(?:a|b)", "(?:ab|a)", "a?", "b*", "a+", "(?:ba){1,2}", "^", "$",
            "a*?", "(?:a|b?)*",
        ]
        for _ in 0..<400 {
            let source = (0..<Int.random(in: 1...4, using: &dice)).map { _ in
                atoms.randomElement(using: &dice) ?? "a"
            }.joined()
            let text = (0..<Int.random(in: 0...7, using: &dice)).map { _ in
                Bool.random(using: &dice) ? "a" : "b"
            }.joined()
            let other = try Regex(source).firstMatch(in: text).map { String(text[$0.range]) }
            #expect(try Pattern(parsing: source).capture(in: text) == other, "\(source) on \(text)")
        }
    }
}
