// Filters: the grammar, the operators, and what a missing field means.

import Testing

@testable import Model

@Suite struct FilterTests {
    private static let data = """
        {"file":{"type":"file","file_type":"PE32 executable (GUI)","file_size":100000000,"file_name":"","tags":["triage","malware:x"],\
        "upload_time":"2026-11-23T18:28:03.266259+00:00","ssdeep":null,"share_3rd_party":true,"sha256":"\(Samples.sha256)"},\
        "attribute":{"value":{"score":10,"big":\(String(repeating: "9", count: 301)),"text":"15"}}}
        """

    private func matches(_ lines: String..., data: String = data) throws -> Bool {
        try Filter(parsing: lines).matches(Samples.context(data: data))
    }

    @Test(arguments: [
        ("file.file_type startswith \"PE32 executable\" | \"PE32+ executable\"", true),
        ("file.file_type startswith \"ELF\"", false),
        ("file.file_type endswith \"(GUI)\"", true), ("file.file_type endswith \"x(GUI)\"", false),
        ("file.file_type contains \"32 ex\"", true),
        ("file.file_type contains pe32", false), ("file.file_type matches \"^PE32\\+? \"", true),
        ("file.file_type matches (?i)gui", true),
        ("file.file_size <= 100MB", true), ("file.file_size < 100MB", false),
        ("file.file_size >= 100MB", true), ("file.file_size > 95MiB", true),
        ("file.file_size == 100MB", true), ("file.file_size == 1e8", true),
        ("file.file_size == 100000000.0", true), ("file.file_size != 5 | 6", true),
        ("file.file_size != 5 | 100MB", false), ("file.file_size == \"100000000\"", true),
        ("file.file_size < big", false),
        ("file.tags has \"triage\"", true), ("file.tags has triage | other", true),
        ("file.tags has tri", false), ("not file.tags has triage", false),
        ("file.tags contains tri", true), ("file.tags startswith malware:", true),
        ("file.tags matches ^x", false), ("file.tags == triage", false),
        ("file.tags.0 == triage", true), ("file has sha256", true), ("file has nothing", false),
        ("file.type in file, config", true),
        ("file.type in \"a\" | \"file\"", true), ("file.type in a, b", false),
        ("file.type == \"file\"", true), ("file.type == File", false),
        ("file.file_name == \"\"", true), ("file.file_name exists", true), ("file.ssdeep exists", false),
        ("file.ssdeep == null", true),
        ("file.ssdeep != null", false), ("file.ssdeep != x", true), ("file.ssdeep < 5", false),
        ("file.share_3rd_party == true", true),
        ("file.share_3rd_party != true", false), ("file.share_3rd_party == 1", false),
        ("file.upload_time >= 2026-11-01", true),
        ("file.upload_time < \"2026-11-23T18:28:04\"", true), ("attribute.value.score > 9", true),
        ("attribute.value.text > 9", true),
        ("attribute.value.text < \"9\"", true), ("attribute.value.text == 15", true),
        ("attribute.value.text == 15.0", false),
        ("attribute.value.big > 1e300", true), ("attribute.value.big < 1e301", true),
        ("event.type == on_created_file", true),
        ("event.actor in admin, root", true), ("not event.actor == admin", false), ("file exists", true),
        ("config exists", false),
        ("not config exists", true),
    ])
    func lines(line: String, expected: Bool) throws {
        #expect(try matches(line) == expected)
    }

    /// A missing field makes every comparison false, `!=` too; `not` turns the whole line round.
    @Test(arguments: [
        "==", "!=", "<", "<=", ">", ">=", "startswith", "endswith", "contains", "matches", "in", "has",
    ])
    func missingFields(operation: String) throws {
        #expect(try !matches("file.nothing \(operation) 5"))
        #expect(try matches("not file.nothing \(operation) 5"))
        #expect(try !matches("file exists", "not file.sha256 \(operation) 5", data: "{}"))
    }

    @Test func linesAreANDed() throws {
        #expect(try matches("file.file_type startswith PE32", "", "  ", "file.file_size <= 100MB"))
        #expect(try !matches("file.file_type startswith PE32", "file.file_size < 1"))
        #expect(try matches())
        #expect(try Filter(parsing: ["", " "]).isEverything)
        #expect(Filter.everything.matches(.empty))
    }

    @Test func bigIntegersAreNotRounded() throws {
        let data = #"{"x":{"n":9007199254740993}}"#
        #expect(try matches("x.n == 9007199254740993", data: data))
        #expect(try !matches("x.n == 9007199254740992", data: data))
        #expect(try matches("x.n > 9007199254740992", data: data))
    }

    @Test func combiningMarksHideNothing() throws {
        let data = #"{"file":{"file_type":"PE32\u0301 executable","name":"e\u0301"}}"#
        #expect(try matches("file.file_type startswith PE32", data: data))
        #expect(try matches("file.file_type contains PE32", data: data))
        #expect(try !matches("file.name == é", data: data))
    }

    @Test(arguments: [
        ("file.file_size", "operator is missing"), ("not", "nothing is compared"),
        ("not not x == 1", "no operator"), ("file.file_size = 5", "did you mean `==`"),
        ("file.file_size is 5", "did you mean `==`"),
        ("file.file_size startwith x", "did you mean `startswith`"),
        ("file.file_size ==", "value is missing"),
        ("file.file_size == 1 |", "value is missing"), ("file.file_type == PE32 executable", "double quotes"),
        ("a == 1 and b == 2", "one condition a line"),
        ("a == \"x", "not closed"), ("a == 'x'", "quotes are double"), ("a == x\"y\"", "quotes are double"),
        ("a exists 5", "takes no value"),
        ("a matches (", "regular expression"), ("a matches (?=x)", "look-ahead"), ("a..b == 1", "no path"),
        ("{{a}} == 1", "no path"), ("a == 1, 2", "left over"),
        ("== 5", "in front of `==`"), ("a matches (x|y)", "regular expression"),
    ])
    func refused(line: String, because: String) {
        let error = #expect(throws: FilterError.self) { try Filter(parsing: ["file exists", line]) }
        #expect(error?.line == 1)
        #expect(error?.message.contains(because) == true, "\(String(describing: error))")
    }

    @Test func pathsForStaticChecks() throws {
        let filter = try Filter(parsing: ["file.file_size <= 1MB", "not file.tags has x"])
        #expect(filter.paths == ["file.file_size", "file.tags"])
        #expect(filter.source == "file.file_size <= 1MB\nnot file.tags has x")
    }

    @Test(arguments: Hostile.strings)
    func hostileValues(text: String) throws {
        let value = JSON.object([.init(key: "x", value: .object([.init(key: "y", value: .string(text))]))])
        let context = TemplateContext(event: .object([.init(key: "data", value: value)]))
        for operation in [
            "==", "!=", "<", ">=", "startswith", "endswith", "contains", "matches", "in", "has",
        ] {
            let filter = try Filter(parsing: ["x.y \(operation) \"zzz\""])
            #expect(
                filter.matches(context)
                    == (operation == "!="
                        || operation == "<" && text.bytes.lexicographicallyPrecedes("zzz".bytes)
                        || operation == ">=" && !text.bytes.lexicographicallyPrecedes("zzz".bytes)))
        }
        _ = try? Filter(parsing: [text])
        _ = try? Filter(parsing: ["x.y == \(text)"])
        let quoted = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        #expect(try Filter(parsing: ["x.y == \"\(quoted)\""]).matches(context))
    }
}
