// JSON in and out: what RFC 8259 allows and nothing else.

import Testing

@testable import Model

@Suite struct JSONTests {
    @Test(arguments: [
        "null", " true ", "false", "0", "-0", "12.5e-3", "1E+9", "\"\"", "\"a\\u00e9\\n\"", "[]",
        "[1,[2],{}]",
        "{}", "{\"a\":{\"b\":[null]}}", "\t\r\n {\"a\" : 1 } ", "\"\\ud83e\\uddea\"", "\"\u{7F}\"",
        "123456789012345678901234567890",
    ])
    func accepts(text: String) throws {
        _ = try JSON.parse(text.bytes)
    }

    @Test(arguments: [
        "", " ", "nul", "nulll", "True", "01", "-", "+1", ".5", "1.", "1e", "1e+", "0x1", "NaN", "'a'", "\"",
        "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\n\"", "\"\t\"", "\"\u{0}\"", "[", "[1", "[1,]", "[,1]",
        "[1 2]",
        "{", "{a:1}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":1 \"b\":2}", "{1:2}", "1 2", "{}{}", "]",
        "\u{FEFF}{}", "// x\n1", "\"\\", "\"\\u", "tru", "[true,fals]",
    ])
    func refuses(text: String) {
        #expect(throws: JSONError.self) { try JSON.parse(text.bytes) }
    }

    @Test(
        arguments: [
            [0x80], [0xC0, 0xAF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80],
            [0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0xA7], [0xFF],
        ] as [[UInt8]])
    func refusesWhatIsNotUTF8(raw: [UInt8]) {
        let text = [0x22] + raw + [0x22]
        #expect(throws: JSONError(offset: 1, message: "not UTF-8")) { try JSON.parse(text) }
        let padded = [0x22] + [UInt8](repeating: 0x61, count: 13) + raw + [0x22]
        #expect(throws: JSONError(offset: 14, message: "not UTF-8")) { try JSON.parse(padded) }
    }

    @Test func saysWhereItWentWrong() {
        #expect(throws: JSONError(offset: 7, message: "expected a value")) {
            try JSON.parse("{\"a\":  ?}".bytes)
        }
        #expect(throws: JSONError(offset: 4, message: "the text ends early: expected ',' or ']'")) {
            try JSON.parse("[1,2".bytes)
        }
    }

    @Test func keepsNumbersAsWritten() throws {
        let digits = "1" + String(repeating: "0", count: 300)
        #expect(try JSON.parse(digits.bytes) == .number(digits))
        #expect(try JSON.parse("-1.50E+02".bytes) == .number("-1.50E+02"))
        #expect(try JSON.parse(digits.bytes).serialised() == digits.bytes)
    }

    @Test func lastOfEqualKeysCounts() throws {
        let value = try JSON.parse(#"{"a":1,"b":2,"a":3}"#.bytes)
        #expect(value["a"] == .number("3"))
        #expect(value["c"] == nil)
    }

    @Test func loneSurrogatesBecomeReplacementCharacters() throws {
        #expect(try JSON.parse(#""a\ud800b""#.bytes) == .string("a\u{FFFD}b"))
        #expect(try JSON.parse(#""\udc00\ud800""#.bytes) == .string("\u{FFFD}\u{FFFD}"))
        #expect(try JSON.parse(#""\ud800\u0041""#.bytes) == .string("\u{FFFD}A"))
        #expect(try JSON.parse(#""\ud83e\uddea""#.bytes) == .string("\u{1F9EA}"))
    }

    @Test func depthIsLimited() throws {
        func nested(_ depth: Int) -> [UInt8] {
            (String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).bytes
        }
        _ = try JSON.parse(nested(128))
        #expect(throws: JSONError.self) { try JSON.parse(nested(129)) }
        #expect(throws: JSONError.self) { try JSON.parse([UInt8](repeating: 0x5B, count: 1_000_000)) }
    }

    @Test(arguments: Hostile.strings)
    func hostileStringsSurviveTheRoundTrip(text: String) throws {
        let value = JSON.object([.init(key: text, value: .array([.string(text), .null, .bool(true)]))])
        let bytes = value.serialised()
        #expect(try JSON.parse(bytes) == value)
        #expect(!bytes.contains { $0 < 0x20 || $0 == 0x7F })
        #expect(!bytes.string.unicodeScalars.contains("\u{2028}"))
    }

    @Test func pointers() throws {
        // The examples of RFC 6901, section 5.
        let value = try JSON.parse(
            #"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}"#
                .bytes)
        #expect(value.pointer("") == value)
        #expect(value.pointer("/foo/0") == .string("bar"))
        #expect(value.pointer("/") == .number("0"))
        #expect(value.pointer("/a~1b") == .number("1"))
        #expect(value.pointer("/c%d") == .number("2"))
        #expect(value.pointer("/i\\j") == .number("5"))
        #expect(value.pointer("/k\"l") == .number("6"))
        #expect(value.pointer("/m~0n") == .number("8"))
        for missing in [
            "foo", "/foo/2", "/foo/-", "/foo/00", "/foo/x", "/foo/0/x", "/m~n", "/m~2n", "/foo/-1",
        ] {
            #expect(value.pointer(missing) == nil, "\(missing)")
        }
    }

    @Test func paths() throws {
        let value = try JSON.parse(#"{"file":{"tags":["a","b"]}}"#.bytes)
        #expect(value.path("file.tags.1") == .string("b"))
        #expect(value.path("file.name") == nil)
        #expect(value.path("file..tags") == nil)
        #expect(value.path("") == nil)
    }
}
