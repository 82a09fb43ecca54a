// Templates: what they say, and that no value can say anything else.

import Testing

@testable import Model

@Suite struct TemplateTests {
    private func render(
        _ text: String, _ purpose: TemplatePurpose = .plain, data: String = "{\"file\":\(Samples.file)}"
    ) throws -> String {
        var context = try Samples.context(data: data)
        context.pluginName = "drakvuf"
        context.pluginPublicURL = "https://drakvuf.example"
        context.mwdbPublicURL = "https://mwdb.example"
        context.extracted = ["task_uid": .string("12-ab"), "score": .number("10")]
        return try Template(parsing: text).render(context, purpose: purpose)
    }

    @Test(arguments: [
        ("", ""), ("text", "text"), ("{{file.sha256}}.exe", "\(Samples.sha256).exe"),
        ("{{ file.file_size }}", "29"),
        ("{{event.id}} {{event.type}}", "019ab5a2-93e2-7cc0-8a4e-3f2f0d1c9a77 on_created_file"),
        ("{{event.actor}}@{{event.source}} {{event.timestamp}}", "admin@mwdb 2026-11-23T18:28:03.266Z"),
        (
            "{{plugin.name}} {{plugin.public_url}}/analysis/$value",
            "drakvuf https://drakvuf.example/analysis/$value"
        ),
        ("{{mwdb.public_url}}|{{mwdb.url}}|{{mwdb.nothing}}", "https://mwdb.example||"),
        ("{{task_uid}} {{score}}", "12-ab 10"), ("{{file.tags.1}}", "triage"),
        ("{{file.tags}}", #"["lab:050e490aeaba","triage"]"#),
        ("{{file.nothing}}", ""), ("{{nothing.at.all}}", ""), ("{{file.share_3rd_party}}", "true"),
        ("{ {x} }", "{ {x} }"),
        ("a}}b", "a}}b"), ("{\"a\":\"{{file.file_size}}\"}}", "{\"a\":\"29\"}}"),
    ])
    func plainText(template: String, expected: String) throws {
        #expect(try render(template) == expected)
    }

    @Test(arguments: [
        ("{{tag.tag|json}}", #"{"tag":{"tag":"a\"b\n"}}"#, #"a\"b\n"#),
        ("{{tag.tag|url}}", #"{"tag":{"tag":"a b/ć"}}"#, "a%20b%2F%C4%87"),
        ("{{tag.tag|base64}}", #"{"tag":{"tag":"foobar"}}"#, "Zm9vYmFy"),
        ("{{tag.tag|slack}}", #"{"tag":{"tag":"<!here>"}}"#, "&lt;!here&gt;"),
        ("{{tag.tag|slack|json}}", #"{"tag":{"tag":"<\"\n"}}"#, "&lt;\\\" "),
        ("{{tag.tag|json|slack}}", #"{"tag":{"tag":"<\"\n"}}"#, "&lt;\\\"\\n"),
        ("{{tag.tag|default:none}}", "{}", "none"),
        ("{{tag.tag|default:none}}", #"{"tag":{"tag":""}}"#, "none"),
        ("{{tag.tag|default:none}}", #"{"tag":{"tag":null}}"#, "none"),
        ("{{tag.tag|default:none}}", #"{"tag":{"tag":"x"}}"#, "x"),
        ("{{tag.tag|default:none}}", #"{"tag":{"tag":false}}"#, "false"),
        ("{{tag.tag | default: a b }}", "{}", "a b"),
        (#"{{tag.tag|default:"a|b}}\"c"|json}}"#, "{}", #"a|b}}\"c"#), ("{{tag.tag|default:}}", "{}", ""),
        ("{{x|default:{{x}}", "{}", "{{x"),
        ("{{x|json}}", #"{"x":[1,"a"]}"#, #"[1,"a"]"#),
        (#"{"a":"{{x|json}}"}"#, #"{"x":[1,"a"]}"#, #"{"a":"[1,\"a\"]"}"#),
        ("{{x|json}}", "{}", ""), ("{{x|json}}", #"{"x":5}"#, "5"),
    ])
    func filters(template: String, data: String, expected: String) throws {
        #expect(try render(template, data: data) == expected)
    }

    @Test(arguments: [
        ("{{", "closed", 0), ("a{{file.sha256}", "closed", 1), ("{{}}", "names no value", 0),
        ("{{ }}", "names no value", 0), ("{{a b}}", "no path", 0),
        ("{{a..b}}", "no path", 0), ("{{.a}}", "no path", 0), ("{{{x}}}", "no path", 0),
        ("{{${env:HOME}}}", "no path", 0),
        ("{{a|jsno}}", "did you mean `json`", 4), ("{{a|}}", "no filter", 4),
        ("{{a|json:x}}", "takes no argument", 4), ("{{a|default}}", "default:X", 4),
        ("{{a|default:\"x}}", "closed", 0), ("{{a\nb}}", "no path", 0), ("{{x{{y}}", "no path", 0),
    ])
    func refused(template: String, because: String, offset: Int) {
        let error = #expect(throws: TemplateError.self) { try Template(parsing: template) }
        #expect(error?.message.contains(because) == true, "\(String(describing: error))")
        #expect(error?.offset == offset)
    }

    @Test func theFileOfAnObjectIsItsFile() throws {
        let object = "{\"object\":\(Samples.file),\"tag\":{\"tag\":\"x\"}}"
        #expect(try render("{{file.sha256}}", data: object) == Samples.sha256)
        #expect(
            try render(
                "{{file.sha256}}", data: object.replacing("\"type\":\"file\"", with: "\"type\":\"blob\""))
                == "")
        #expect(try render("{{file.sha256}}", data: "{\"parent\":\(Samples.file)}") == "")
    }

    @Test func extractedValuesComeFirst() throws {
        var context = try Samples.context(data: #"{"tag":{"tag":"x"}}"#)
        context.extracted = ["tag": .string("extracted")]
        #expect(try Template(parsing: "{{tag}} {{tag.tag}}").render(context) == "extracted x")
    }

    @Test func aLonePlaceholderKeepsItsType() throws {
        var context = try Samples.context(data: #"{"x":{"n":1e400,"b":true,"l":[1],"s":"t","z":null}}"#)
        context.extracted = ["id": .number("7")]
        func value(_ template: String) throws -> JSON? { try Template(parsing: template).value(context) }
        #expect(try value("{{x.n}}") == .number("1e400"))
        #expect(try value("{{x.b}}") == .bool(true))
        #expect(try value("{{x.l}}") == .array([.number("1")]))
        #expect(try value("{{id}}") == .number("7"))
        #expect(try value("{{x.z}}") == .null)
        #expect(try value("{{x.missing}}") == nil)
        #expect(try value("{{x.missing|default:5}}") == .number("5"))
        #expect(try value("{{x.missing|default:\"5\"}}") == .string("5"))
        #expect(try value("{{x.missing|default:false}}") == .bool(false))
        #expect(try value("{{x.missing|default:abc}}") == .string("abc"))
        #expect(try value("{{x.n|json}}") == .number("1e400"))
        #expect(try value(" {{x.b}}") == .string(" true"))
        #expect(try value("text") == .string("text"))
    }

    @Test func urls() throws {
        #expect(
            try render("http://r/{{file.file_name}}?q={{file.tags.0}}", .url)
                == "http://r/050e490aeaba.txt?q=lab%3A050e490aeaba")
        let hostile = #"{"x":"../a?b=c&d#e\r\n%20","dot":".","dots":".."}"#
        #expect(
            try render("http://r/{{x}}", .url, data: hostile) == "http://r/..%2Fa%3Fb%3Dc%26d%23e%0D%0A%2520")
        #expect(
            try render("http://r/{{x|url}}", .url, data: hostile)
                == "http://r/..%2Fa%3Fb%3Dc%26d%23e%0D%0A%2520")
        #expect(
            try render("http://r/{{dots}}/{{dot}}?a={{dots}}", .url, data: hostile) == "http://r/__/_?a=..")
        #expect(try render("http://r/{{dots|url}}", .url, data: hostile) == "http://r/__")
    }

    @Test func headersLoseControlCharacters() throws {
        let hostile = #"{"x":"a\r\nX-Evil: 1\u0000\t\u007f\u0085é"}"#
        #expect(try render("v={{x}}", .header, data: hostile) == "v=aX-Evil: 1é")
        let secret = Template(literal: "Token ") + Template(secret: "abc\n")
        #expect(secret.render(.empty, purpose: .header) == "Token abc")
    }

    @Test(arguments: [
        (#"{"a":"{{x}}"}"#, #"{"a":"q\"\\\n"}"#), (#"{"a":"{{x|json}}"}"#, #"{"a":"q\"\\\n"}"#),
        (#"{"a":{{x}}}"#, #"{"a":"q\"\\\n"}"#),
        (#"{"a":{{x|json}}}"#, #"{"a":"q\"\\\n"}"#), (#"{"a":{{n}}}"#, #"{"a":1e400}"#),
        (#"{"a":"{{n}}"}"#, #"{"a":"1e400"}"#),
        (#"{"a":{{l}}}"#, #"{"a":[1,"\""]}"#), (#"{"a":"{{l}}"}"#, #"{"a":"[1,\"\\\"\"]"}"#),
        (#"{"a":"{{l|json}}"}"#, #"{"a":"[1,\"\\\"\"]"}"#),
        (#"{"a":{{no}}}"#, #"{"a":null}"#), (#"{"a":"{{no}}"}"#, #"{"a":""}"#),
        (#"{"a":{{no|default:0}}}"#, #"{"a":0}"#),
        (#"{"a\"{{x}}":1}"#, #"{"a\"q\"\\\n":1}"#), (#"{"a":{{x|url}}}"#, #"{"a":"q%22%5C%0A"}"#),
        (#"{"a":"{{x|base64}}"}"#, #"{"a":"cSJcCg=="}"#),
        (#"{"a":"{{x|slack}}"}"#, #"{"a":"q\"\\ "}"#), (#"{"\\":"{{x}}"}"#, #"{"\\":"q\"\\\n"}"#),
    ])
    func jsonBodies(template: String, expected: String) throws {
        let data = #"{"x":"q\"\\\n","n":1e400,"l":[1,"\""]}"#
        #expect(try render(template, .json, data: data) == expected)
        #expect(try Template(parsing: template).isJSONObject)
    }

    /// A hostile value changes nothing but the value.
    @Test(arguments: Hostile.strings)
    func hostileValues(text: String) throws {
        let value = JSON.object([.init(key: "x", value: .object([.init(key: "y", value: .string(text))]))])
        let context = TemplateContext(event: .object([.init(key: "data", value: value)]))
        func render(_ template: String, _ purpose: TemplatePurpose) throws -> String {
            try Template(parsing: template).render(context, purpose: purpose)
        }
        #expect(try render("[{{x.y}}]", .plain).utf8.elementsEqual("[\(text)]".utf8))
        let url = try render("http://r/{{x.y}}/end?q={{x.y}}&r={{x.y|slack}}#f", .url)
        #expect(url.utf8.count { $0 == UInt8(ascii: "/") } == 4)
        #expect(url.utf8.count { "?&=#".utf8.contains($0) } == 5)
        #expect(url.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
        #expect(!url.contains("/../") && !url.contains("/./"))
        let header = try render("{{x.y}}", .header)
        #expect(!header.utf8.contains { $0 < 0x20 || $0 == 0x7F })
        for template in [
            #"{"a":"{{x.y}}","b":{{x.y}}}"#, #"{"a":"{{x.y|json}}","b":{{x.y|json}}}"#,
        ] {
            let json = try JSON.parse(render(template, .json).bytes)
            guard case .object(let members) = json else { Issue.record("no object"); return }
            #expect(members.count == 2)
            #expect(json["a"] == .string(text) && json["b"] == .string(text))
        }
        let chat = try JSON.parse(
            render(#"{"text":"{{x.y|slack|json}} {{x.y|json|slack}} {{x.y|slack}}"}"#, .json).bytes)
        #expect(chat["text"]?.text?.contains("<") == false)
        #expect(try JSON.parse(render(#"{"text":"{{x.y|slack|json}}"}"#, .plain).bytes)["text"] != nil)
    }

    @Test(arguments: Hostile.strings)
    func hostileTemplatesAreErrorsOrText(text: String) {
        guard let template = try? Template(parsing: text) else { return }
        _ = template.render(.empty, purpose: .json)
        if template.isLiteral { #expect(template.render(.empty) == text) }
    }

    @Test func secretsAreNotShown() throws {
        let template = try Template(parsing: "Token {{x}} ") + Template(secret: "s3{{x}}\"cret")
        #expect(template.source == "Token {{x}} [secret]")
        #expect(template.paths == ["x"])
        #expect(template.render(.empty) == "Token  s3{{x}}\"cret")
        let body =
            try Template(parsing: "{\"k\":\"") + Template(secret: "s3\"cret")
            + Template(parsing: "\",\"v\":\"{{x}}\"}")
        #expect(body.render(.empty, purpose: .json) == #"{"k":"s3\"cret","v":""}"#)
        #expect(body.isJSONObject)
        let broken = try Template(parsing: "{\"k\":") + Template(secret: "s3cret") + Template(parsing: ",}")
        #expect(
            #expect(throws: TemplateError.self) { try broken.checkJSON() }?.message.contains("s3cret")
                == false)
        #expect(Template(secret: "a") != Template(secret: "b"))
    }

    @Test func literalsAreNeverParsed() {
        let template = Template(literal: "{{file.sha256}}")
        #expect(template.isLiteral)
        #expect(template.render(.empty) == "{{file.sha256}}")
        #expect(Template(literal: "").render(.empty) == "")
    }

    @Test(arguments: [
        "http://127.0.0.1:9000/", "https://r.example", "HTTPS://r.example/x?y={{file.sha256}}",
        "http://r/{{x}}", "http://r?{{x}}", "http://[::1]:8080/{{x}}",
        "http://u:p@r:1/",
    ])
    func goodURLs(url: String) throws {
        try Template(parsing: url).checkURL()
    }

    @Test(arguments: [
        ("", "begins with"), ("ftp://r/", "begins with"), ("r.example/x", "begins with"),
        ("{{x}}", "placeholder"), ("http://{{x}}/", "placeholder"),
        ("http://r{{x}}", "placeholder"), ("http://r:{{x}}/", "placeholder"), ("http:///x", "no host"),
        ("http://:80/", "no host"), ("http://r:0/", "port"),
        ("http://r:99999/", "port"), ("http://r:+80/", "port"),
        ("http://[::1/", "IPv6"), ("http://[zz]/", "IPv6"),
        ("http://r/a b", "white space"), ("http://r/{{x}}/ż", "ASCII"), ("http://r/\u{0}", "control"),
        ("file:///etc/passwd", "begins with"),
    ])
    func badURLs(url: String, because: String) throws {
        let error = #expect(throws: TemplateError.self) { try Template(parsing: url).checkURL() }
        #expect(
            because.split(separator: "|").contains { error?.message.contains($0) == true },
            "\(String(describing: error))")
    }

    @Test func aSecretMayHoldTheWholeURL() throws {
        try Template(secret: "https://hooks.slack.example/T1/B2/x").checkURL()
        try (Template(secret: "https://r.example/") + Template(parsing: "{{x}}")).checkURL()
        #expect(throws: TemplateError.self) { try Template(secret: "nonsense").checkURL() }
    }

    @Test func checksJSON() throws {
        try Template(
            parsing:
                #"{"text":"{{tag.tag|slack|json}}: <{{mwdb.public_url}}/file/{{object.id}}|{{object.id}}>"}"#
        ).checkJSON()
        for bad in ["{\"a\":\"{{x}}}", "{{{{x}}", "text {{x}}", #"{"a":{{x}}{{y}}}"#, "{'a':1}"] {
            guard let template = try? Template(parsing: bad) else { continue }
            let error = #expect(throws: TemplateError.self) { try template.checkJSON() }
            #expect(error?.message.contains("no JSON") == true)
        }
        #expect(try !Template(parsing: "[{{x}}]").isJSONObject)
        #expect(try !Template(parsing: "{{x}}").isJSONObject)
        #expect(try !Template(parsing: "{ not json").isJSONObject)
    }
}
