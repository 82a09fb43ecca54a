// Which write-backs a delivery causes, and what a receiver may put into MWDB.

import Model
import Outbox
import Settings
import Testing

@testable import Dispatcher

struct WriteBackMakerTests {
    private func make(
        about line: [UInt8] = Sample.file("e"), extracted: [String: JSON] = ["id": .string("t-1")],
        missing: [String] = [], optional: [String] = [], _ writeBacks: [WriteBack]
    ) -> [NewWriteBack] {
        let plugin = Plugin.named("p") {
            $0.writeBacks = writeBacks
            $0.extractions =
                (extracted.keys + missing).map { try! Extraction(name: $0, source: "json:/\($0)") }
                + optional.map { try! Extraction(name: $0 + "?", source: "json:/\($0)") }
        }
        return WriteBackMaker(plugin: plugin, mwdb: .test).writeBacks(
            of: EventSource(line), extracted: extracted.map { ExtractedValue(name: $0.key, value: $0.value) },
            missing: missing)
    }

    private func attribute(_ value: String, match: String? = nil) -> WriteBack {
        var attribute = AttributeWriteBack(key: "key", value: .of(value))
        attribute.match = match
        return .attribute(attribute)
    }

    private func task(_ writeBack: NewWriteBack?) -> WriteBackTask? {
        writeBack.flatMap { WriteBackTask(stored: $0.task) }
    }

    @Test func eachOneBecomesATaskOnTheEventsObject() throws {
        let made = make([
            attribute("{{id}}"), .tag(.of("seen:{{id}}")), .comment(.of("{{mwdb.public_url}} {{id}}")),
        ])
        #expect(made.map(\.dead) == [nil, nil, nil])
        let hash = Sample.hash("MZ")
        #expect(
            made.map { task($0) } == [
                WriteBackTask(
                    objectKind: "file", objectID: hash, action: .attribute(key: "key", value: .string("t-1"))),
                WriteBackTask(objectKind: "file", objectID: hash, action: .tag("seen:t-1")),
                WriteBackTask(
                    objectKind: "file", objectID: hash, action: .comment("https://mwdb.example t-1")),
            ])
    }

    @Test func aLonePlaceholderKeepsItsType() {
        let made = make(
            extracted: ["id": .object([.init(key: "n", value: .number("17"))])], [attribute("{{id}}")])
        #expect(
            task(made.first)?.action
                == .attribute(key: "key", value: .object([.init(key: "n", value: .number("17"))])))
        let number = make(extracted: ["id": .number("17")], [attribute("{{id}}")])
        #expect(task(number.first)?.action == .attribute(key: "key", value: .number("17")))
    }

    @Test(arguments: [
        ("t-1", true), ("a_b.c-9", true), ("", false), ("a b", false), ("../../x", false),
        ("javascript:alert(1)", false), ("x\n", false), ("é", false),
    ])
    func whatDoesNotMatchDoesNotGetIn(_ value: String, _ good: Bool) {
        let made = make(extracted: ["id": .string(value)], [attribute("{{id}}", match: "[A-Za-z0-9._-]+")])
        #expect((made.first?.dead == nil) == good)
    }

    @Test func aPatternIsMatchedAgainstNumbersToo() {
        #expect(
            make(extracted: ["id": .number("17")], [attribute("{{id}}", match: "[0-9]+")]).first?.dead == nil)
        let list = make(extracted: ["id": .array([])], [attribute("{{id}}", match: "[0-9]+")])
        #expect(list.first?.dead != nil)
    }

    @Test func aPatternCannotHoldUsUp() {
        let evil = String(repeating: "a", count: 4000) + "!"
        let made = make(extracted: ["id": .string(evil)], [attribute("{{id}}", match: "(a+)+")])
        #expect(made.first?.dead != nil)
    }

    @Test func aMissingValueKillsOnlyItsWriteBack() throws {
        let made = make(missing: ["link"], [attribute("{{id}}"), .comment(.of("see {{link}}"))])
        #expect(made.map { $0.dead == nil } == [true, false])
        #expect(try #require(made.last?.dead) == "the answer has no value for extract.link")
    }

    @Test func aMissingPartOfAValueIsSeenToo() {
        let made = make(missing: ["report"], [.comment(.of("{{report.id}}"))])
        #expect(made.first?.dead == "the answer has no value for extract.report")
    }

    @Test func anOptionalValueThatIsMissingLeavesItsWriteBackOut() {
        #expect(make(optional: ["score"], [attribute("{{score}}"), .tag(.of("{{score}}"))]).isEmpty)
        #expect(
            make(
                optional: ["verdict"],
                [.tag(.of("scanner:{{verdict}}")), .comment(.of("{{id}}: {{verdict}}"))]
            )
            .isEmpty, "a sentence without its word says nothing")
        let comment = make(optional: ["score"], [.comment(.of("{{id}}: {{score|default:none}}"))])
        #expect(task(comment.first)?.action == .comment("t-1: none"))
        let empty = make(optional: ["score"], [.tag(.of("{{score|default:\"\"}}"))])
        #expect(empty.isEmpty)
    }

    @Test func emptyValuesAreDead() {
        let made = make([attribute("{{file.nothing}}"), .tag(.of("{{file.nothing}}"))])
        #expect(made.count == 2 && made.allSatisfy { $0.dead != nil })
    }

    @Test func anEventAboutNoObjectIsDeadAndSaysSo() throws {
        let made = make(
            about: Sample.line("u", "on_created_user", data: [("user", .object([]))]), [attribute("{{id}}")])
        #expect(try #require(made.first?.dead).contains("no object"))
        #expect(task(made.first) != nil, "and what it would have been is kept")
    }

    @Test(arguments: [
        "..", ".", "a/b", "../../user/admin", "", "x y", "a?b", String(repeating: "a", count: 129),
    ])
    func anIdThatIsNoneIsNoPath(_ id: String) {
        let data = JSON.object([
            .init(
                key: "file",
                value: .object([
                    .init(key: "id", value: .string(id)), .init(key: "type", value: .string("file")),
                ]))
        ])
        #expect(WriteBackTask.target(of: data) == nil)
    }

    @Test(arguments: [
        ("file", "file"), ("static_config", "config"), ("text_blob", "blob"), ("dream", "object"),
    ])
    func kindsAreThoseOfMWDBsPaths(_ type: String, _ kind: String) throws {
        let object = JSON.object([
            .init(key: "id", value: .string("aa")), .init(key: "type", value: .string(type)),
        ])
        for name in ["file", "object", "config", "blob", "parent"] {
            let target = try #require(
                WriteBackTask.target(of: .object([.init(key: name, value: object)])))
            #expect(target == (kind, "aa"))
        }
    }

    @Test func tasksSurviveBeingStored() {
        let values: [JSON] = [.string("\u{0}\"é"), .number("1e300"), .null, .array([.bool(true)])]
        let actions: [WriteBackTask.Action] =
            values.map { .attribute(key: "k", value: $0) } + [.tag("t"), .comment("two\nlines")]
        for action in actions {
            let task = WriteBackTask(objectKind: "file", objectID: "aa", action: action)
            #expect(WriteBackTask(stored: task.stored) == task)
        }
        for text in ["", "{}", "[]", "no json", #"{"object_kind":"file","object":"a"}"#] {
            #expect(WriteBackTask(stored: Array(text.utf8)) == nil)
        }
    }
}
