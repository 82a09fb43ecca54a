// Secrets are found however the receiver has escaped them, and wherever the text was cut.

import Testing

@testable import Model

@Suite struct RedactionTests {
    @Test func theLongestSecretGoesFirst() {
        let redaction = Redaction(["secret", "secret-and-more"])
        #expect(redaction.redact("a secret-and-more, a secret") == "a [redacted], a [redacted]")
    }

    @Test func textWithoutSecretsStaysAsItIs() {
        #expect(Redaction.none.redact("text") == "text")
        #expect(Redaction(["secret"]).redact("secre secretary".dropLast(9).description) == "secre ")
        #expect(Redaction(["abc"]).redact("abc") == "abc", "too short to be looked for")
        let escapes = #"\u00 \ %4 %zz &am &#; &# + \u12g4 \ud83d \ud83dx &#xg; 100% C:\users a&b"#
        #expect(Redaction(["secret", "+++++"]).redact(escapes) == escapes)
    }

    @Test func bytesThatAreNoTextAreKept() {
        let redacted = Redaction(["secret"]).redact([0xFF] + Array("secret".utf8) + [0xFE])
        #expect(redacted == [0xFF] + Array(Redaction.mark.utf8) + [0xFE])
    }

    @Test func secretsSideBySide() {
        #expect(Redaction(["tick", "tock"]).redact("ticktocktick") == "[redacted][redacted][redacted]")
    }

    @Test(arguments: [
        #"a+b/c&d<e>f'g=h"i\j k"#, #"a+b/c&d<e>f'g=h\"i\\j k"#, #"a+b\/c&d<e>f'g=h\"i\\j k"#,
        #"a+b/c\u0026d\u003ce\u003ef'g=h\"i\\j k"#, #"a\u002Bb/c\u0026d\u003Ce\u003Ef\u0027g=h\u0022i\\j k"#,
        #"a\u002bb\/c\u0026d\u003ce\u003ef\u0027g\u003dh\u0022i\u005cj\u0020k"#,
        "a%2Bb%2Fc%26d%3Ce%3Ef%27g%3Dh%22i%5Cj%20k", "a%2bb%2fc%26d%3ce%3ef%27g%3dh%22i%5cj+k",
        #"a+b/c&amp;d&lt;e&gt;f&#39;g=h&quot;i\j k"#,
        #"a&#43;b&#x2f;c&amp;d&lt;e&gt;f&apos;g&#x3D;h&#34;i\j k"#,
    ])
    func whatWritersOfAnswersEscape(_ form: String) {
        let redaction = Redaction([#"a+b/c&d<e>f'g=h"i\j k"#])
        #expect(redaction.redact("<\(form)>") == "<[redacted]>")
    }

    @Test(arguments: [
        "pässword🔑", #"p\u00e4ssword\ud83d\udd11"#, #"p\u00E4ssword🔑"#, "p%C3%A4ssword%f0%9f%94%91",
    ])
    func otherLetters(_ form: String) {
        #expect(Redaction(["pässword🔑"]).redact("<\(form)>") == "<[redacted]>")
    }

    @Test(arguments: [("%41%42ab", "%41%42ab"), ("%41%42ab", "%2541%2542ab"), (#"\\host\n"#, #"\\host\n"#)])
    func secretsThatLookEscaped(_ secret: String, _ form: String) {
        #expect(Redaction([secret]).redact("<\(form)>") == "<[redacted]>")
    }

    @Test func anEscapedFirstByte() {
        #expect(Redaction(["/path/to"]).redact(#"a \/path\/to b"#) == "a [redacted] b")
        #expect(Redaction([" lead"]).redact("a+lead") == "a[redacted]")
    }

    @Test(arguments: ["s3cr3t/key", #"s3cr3t\/key"#, "s3cr3t%2Fkey", "s3cr3t&#47;key"])
    func theBeginningOfASecretAtACut(_ form: String) {
        let redaction = Redaction(["s3cr3t/key"])
        for length in 4..<form.utf8.count {
            let text = Array("a ".utf8) + form.utf8.prefix(length)
            #expect(redaction.redact(text, isCut: true) == Array("a [redacted]".utf8), "\(length)")
            #expect(redaction.redact(text) == text, "it is no secret where nothing was cut")
        }
        #expect(redaction.redact(Array("a s3c".utf8), isCut: true) == Array("a s3c".utf8), "too short")
    }

    @Test func valuesOfAllKinds() throws {
        let value = try JSON.parse(#"{"s3cr3t-a": ["x s3cr3t-a", 12345678, true, null, {"k": "v"}]}"#.bytes)
        let redacted = Redaction(["s3cr3t-a", "12345678"]).redact(value)
        #expect(
            String(decoding: redacted.serialised(), as: UTF8.self)
                == #"{"[redacted]":["x [redacted]","[redacted]",true,null,{"k":"v"}]}"#)
    }

    /// Where the excerpt ends, and where the courier stopped reading.
    @Test func noBorderLeavesHalfASecret() {
        let secret = "0123456789abcdef-key"
        let redaction = Redaction([secret])
        for offset in Array(150...230) + Array(3170...3230) {
            let body =
                [UInt8](repeating: 0x0A, count: max(0, offset - 150))
                + [UInt8](repeating: 0x62, count: min(offset, 150)) + secret.bytes + "tail".bytes
            let excerpt = Excerpt.of(body, redaction: redaction)
            #expect(!excerpt.contains("0123"), "\(offset): \(excerpt)")
        }
        for length in 4..<secret.utf8.count {
            let answer = Answer(status: 400, body: "no ".bytes + secret.bytes.prefix(length), truncated: true)
            let verdict = Verdict.judge(
                reply: .answer(answer), plugin: Plugin(name: "p"), redaction: redaction,
                now: Timestamp(milliseconds: 0))
            #expect(verdict == .dead(reason: "HTTP 400: no [redacted]"))
        }
    }
}
