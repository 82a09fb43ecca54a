// Conditions on answers and what is taken from them.

import Testing

@testable import Model

@Suite struct AnswerTests {
    private static let cape = Answer(
        status: 200, headers: [Header("content-type", "application/json"), Header("x-id", "7")],
        body: #"{"error":[],"data":{"task_ids":[42,43],"none":null,"empty":""},"message":"Task ok"}"#.bytes)

    @Test(arguments: [
        ("json:/error != true", true), ("json:/error == true", false), ("json:/missing != true", false),
        ("not json:/missing == true", true),
        ("json:/data/task_ids exists", true), ("json:/data/none exists", false),
        ("json:/data/none != true", true), ("json:/data/task_ids/0 > 41", true),
        ("status == 200", true), ("status in 200, 201", true), ("status >= 400", false),
        ("header:X-ID == 7", true), ("header:x-none exists", false),
        ("header:content-type startswith application/json", true), ("body contains \"Task ok\"", true),
        ("body == \"\"", false),
        ("regex:\"message\":\\s*\"Task (ok|fine)\"", true), ("not regex:Task (ok|fine)", false),
        ("not\tregex:nothing", true), ("regex:nothing", false),
        ("status == 200\njson:/message startswith Task", true), ("status == 200\n\nstatus == 201", false),
        ("not status == 200", false),
    ])
    func conditions(text: String, expected: Bool) throws {
        #expect(try AnswerCondition(parsing: text).holds(Self.cape) == expected)
    }

    @Test(arguments: ["<html>", "", "{", "{\"error\":true} trailing", "\u{0}"])
    func whatIsNoJSONMakesJSONConditionsFalse(body: String) throws {
        let answer = Answer(status: 200, body: body.bytes)
        #expect(try !AnswerCondition(parsing: "json:/error != true").holds(answer))
        #expect(try !AnswerCondition(parsing: "json: exists").holds(answer))
    }

    @Test func aByteOrderMarkIsOverlooked() throws {
        let answer = Answer(status: 200, body: [0xEF, 0xBB, 0xBF] + #"{"id":"x"}"#.bytes)
        #expect(try AnswerCondition(parsing: "json:/id == x").holds(answer))
        #expect(try AnswerCondition(parsing: "body startswith \"{\"").holds(answer))
    }

    @Test(arguments: [
        ("", "empty"), ("json:/a", "operator is missing"), ("status", "operator is missing"),
        ("json:a == 1", "JSON pointer"), ("json:/a~ == 1", "JSON pointer"),
        ("header: == 1", "header name"), ("header:a(b == 1", "header name"), ("regex:", "empty"),
        ("regex:(", "regular expression"), ("code == 200", "is not json:/"),
        ("file.sha256 == x", "is not json:/"), ("status = 200", "did you mean `==`"),
        ("status: == 5", "is not json:/"),
    ])
    func refusedConditions(text: String, because: String) {
        let error = #expect(throws: ValueError.self) { try AnswerCondition(parsing: text) }
        #expect(error?.message.contains(because) == true, "\(String(describing: error))")
    }

    @Test(
        arguments: [
            ("json:/data/task_ids/0", .number("42")),
            ("json:/data/task_ids", .array([.number("42"), .number("43")])), ("json:/data/none", nil),
            ("json:/data/empty", nil), ("json:/missing", nil), ("header:X-Id", .string("7")),
            ("header:none", nil), ("regex:Task (\\w+)", .string("ok")),
            ("regex:Task", .string("Task")), ("regex:nothing", nil), (" json:/message ", .string("Task ok")),
        ] as [(String, JSON?)])
    func extraction(source: String, expected: JSON?) throws {
        #expect(try Extraction(name: "x", source: source).extract(from: Self.cape) == expected)
    }

    @Test func names() throws {
        #expect(try Extraction(name: "task_uid", source: "status").optional == false)
        let optional = try Extraction(name: "task-uid?", source: "status")
        #expect(optional.optional && optional.name == "task-uid")
        for name in ["", "?", "a b", "a.b", "a|b", "ą", "event", "plugin?", "mwdb", "{{x}}"] {
            #expect(throws: ValueError.self, "\(name)") { try Extraction(name: name, source: "json:/x") }
        }
        #expect(throws: ValueError.self) { try Extraction(name: "x", source: "task_uid") }
    }

    @Test func atMost4096Bytes() throws {
        let extraction = try Extraction(name: "x", source: "json:/x")
        func extract(_ value: JSON) -> JSON? {
            extraction.extract(
                from: Answer(status: 200, body: JSON.object([.init(key: "x", value: value)]).serialised()))
        }
        let most = JSON.string(String(repeating: "a", count: 4_096))
        #expect(extract(most) == most)
        #expect(extract(.string(String(repeating: "a", count: 4_097))) == nil)
        #expect(extract(.string(String(repeating: "é", count: 2_049))) == nil)
        #expect(extract(.array([most])) == nil)
        #expect(extract(.number(String(repeating: "9", count: 4_097))) == nil)
    }

    @Test(arguments: Hostile.strings)
    func hostileAnswers(text: String) throws {
        let body = JSON.object([.init(key: "id", value: .string(text))]).serialised()
        let answer = Answer(status: 200, headers: [Header("x", text)], body: body)
        let value = try Extraction(name: "id", source: "json:/id").extract(from: answer)
        #expect(value == (text.isEmpty || text.utf8.count > 4_096 ? nil : .string(text)))
        _ = try AnswerCondition(parsing: "body matches ^a.*z$\nregex:x+").holds(
            Answer(status: 200, body: text.bytes))
        _ = try? AnswerCondition(parsing: text)
        _ = try? Extraction(name: text, source: text)
    }
}
