// Text made safe for where it goes: file names, URLs, forms, chat messages, reasons.

import Testing

@testable import Model

@Suite struct TextTests {
    @Test(arguments: [
        ("sample.exe", "sample.exe"), ("a\"b", "a%22b"), ("a\r\nb", "a%0D%0Ab"),
        ("a\u{0}b\tc\u{7F}\u{9B}", "a_b_c__"),
        ("ąę.exe", "ąę.exe"), ("a%22b", "a%22b"), ("../x", "../x"),
    ])
    func fileNames(name: String, expected: String) {
        #expect(Filename.sanitised(name, fallback: "hash") == expected)
    }

    @Test func emptyFileNamesAreTheFallback() {
        #expect(Filename.sanitised("", fallback: Samples.sha256) == Samples.sha256)
        #expect(Filename.sanitised("", fallback: "a\"\r\n") == "a%22%0D%0A")
    }

    @Test func fileNamesAreCutAtACharacter() {
        #expect(
            Filename.sanitised(String(repeating: "a", count: 199) + "é", fallback: "")
                == String(repeating: "a", count: 199))
        #expect(
            Filename.sanitised(String(repeating: "a", count: 198) + "é!", fallback: "") == String(
                repeating: "a", count: 198) + "é")
        #expect(
            Filename.sanitised(String(repeating: "\"", count: 500), fallback: "")
                == String(repeating: "%22", count: 66))
        #expect(
            Filename.sanitised("e" + String(repeating: "\u{301}", count: 500), fallback: "hash") == "hash")
    }

    @Test(arguments: Hostile.strings)
    func fileNamesNeverLeaveTheirQuotes(name: String) {
        let safe = Filename.sanitised(name, fallback: "hash")
        #expect(!safe.isEmpty && safe.utf8.count <= 200)
        #expect(!safe.utf8.contains { $0 < 0x20 || $0 == 0x7F || $0 == 0x22 })
    }

    @Test func percentEncoding() {
        #expect(PercentEncoding.encode("aZ09-._~") == "aZ09-._~")
        #expect(PercentEncoding.encode("a b/?&=#%é\r\n") == "a%20b%2F%3F%26%3D%23%25%C3%A9%0D%0A")
        let form = PercentEncoding.form([("a b", "1&2=3"), ("c", ""), ("d", "\r\n")])
        #expect(form.string == "a+b=1%262%3D3&c=&d=%0D%0A")
        #expect(PercentEncoding.form([]).isEmpty)
    }

    @Test func base64() {
        // RFC 4648, section 10.
        let vectors = [
            "": "", "f": "Zg==", "fo": "Zm8=", "foo": "Zm9v", "foob": "Zm9vYg==", "fooba": "Zm9vYmE=",
            "foobar": "Zm9vYmFy",
        ]
        for (plain, encoded) in vectors {
            #expect(Base64.encode(plain.utf8) == encoded)
            #expect(Base64.decode(encoded) == plain.bytes)
            #expect(Base64.decode(encoded.replacing("=", with: "")) == plain.bytes)
        }
        for text in ["Z", "Zg=", "Zg===", "Zm9v=", "Zh==", "Zm9=v", "Zm 9v", "Zm9v\n", "_-8=", "Zm9v===="] {
            #expect(Base64.decode(text) == nil, "\(text)")
        }
        let all = (0...255).map { UInt8($0) }
        #expect(Base64.decode(Base64.encode(all)) == all)
    }

    @Test(arguments: [
        ("a & b < c > d", "a &amp; b &lt; c &gt; d"), ("<!channel>", "&lt;!channel&gt;"),
        ("<@U1>", "&lt;@\u{200B}U1&gt;"), ("@everyone", "@\u{200B}everyone"), ("a_b", "a_b"),
        ("_a_", "\u{FF3F}a\u{FF3F}"),
        ("*b* ~c~ `d`", "\u{2217}b\u{2217} \u{223C}c\u{223C} \u{02CB}d\u{02CB}"),
        ("[x](http://evil)", "[x]\u{200B}(http:\u{200B}//evil)"),
        ("a\r\nb\u{0}c", "a  b c"), ("\u{202E}gnp.exe", "gnp.exe"),
        ("<https://evil|click>", "&lt;https:\u{200B}//evil|click&gt;"),
        ("see www.evil.test", "see www.\u{200B}evil.test"), ("WWW.evil", "WWW.\u{200B}evil"),
        ("http:\u{200E}//evil", "http:\u{200B}//evil"), ("ww\u{202A}w.evil", "www.\u{200B}evil"),
        ("ww.x: 1/2", "ww.x: 1/2"),
    ])
    func chatText(text: String, expected: String) {
        // Swift treats CR LF as one character; what counts is the scalars.
        #expect(Array(ChatText.escaped(text).unicodeScalars) == Array(expected.unicodeScalars))
    }

    @Test(arguments: Hostile.strings)
    func chatTextDoesNothing(text: String) {
        let safe = ChatText.escaped(text)
        #expect(!safe.utf8.contains { $0 < 0x20 || "<>*~`".utf8.contains($0) })
        let scalars = Array(safe.unicodeScalars)
        for (index, scalar) in scalars.enumerated() where scalar == "@" {
            #expect(scalars[index + 1] == "\u{200B}")
        }
    }

    @Test func excerptsAreShortAndHarmless() {
        #expect(Excerpt.of("  a\r\n\tb\u{0}\u{1B}[31mc\u{202E}d ".bytes, redaction: .none) == "a b[31mcd")
        #expect(Excerpt.of([0xFF, 0x41], redaction: .none) == "\u{FFFD}A")
        #expect(Excerpt.of("abcdef".bytes, limit: 3, redaction: .none) == "abc…")
        #expect(Excerpt.of("abc".bytes, limit: 3, redaction: .none) == "abc")
        #expect(Excerpt.of([], redaction: .none) == "")
        #expect(Excerpt.of([UInt8](repeating: 0, count: 10_000_000), redaction: .none) == "…")
    }

    @Test(arguments: Hostile.strings)
    func excerptsOfHostileText(text: String) {
        let excerpt = Excerpt.of(text.bytes, redaction: .none)
        #expect(excerpt.unicodeScalars.count <= 201)
        #expect(
            !excerpt.unicodeScalars.contains {
                $0.value < 0x20 || (0x7F...0x9F).contains($0.value) || $0 == "\u{202E}"
            })
    }

    @Test func nearestWords() {
        let words = ["file.sha256", "file.sha512", "file.file_name", "tag.tag", "url"]
        #expect(Nearest.match("file.sha265", among: words) == "file.sha256")
        #expect(Nearest.match("file.filename", among: words) == "file.file_name")
        #expect(Nearest.match("URL", among: words) == "url")
        #expect(Nearest.match("ulr", among: words) == "url")
        #expect(Nearest.match("zzz", among: words) == nil)
        #expect(Nearest.match("", among: words) == nil)
        #expect(Nearest.match("x", among: []) == nil)
        #expect(Nearest.suggestion("tga.tag", among: words) == "; did you mean `tag.tag`?")
    }

    @Test(arguments: Hostile.strings)
    func nearestWordsToHostileOnes(text: String) {
        _ = Nearest.match(text, among: ["file.sha256", "url"])
    }
}
