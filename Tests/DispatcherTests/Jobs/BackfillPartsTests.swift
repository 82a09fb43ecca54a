// The parts of a backfill that decide: what is asked for, where the walk is, what an event is made of.

import Model
import Testing

@testable import Dispatcher

struct BackfillPartsTests {
    @Test func aPlanFollowsWhatThePluginWants() throws {
        func hooks(_ names: [String], _ hook: String? = nil, content: Bool = false) throws -> [String: String]
        {
            let plugin = Plugin.named("p", hooks: names) { if content { $0.body = .raw } }
            let plan = try BackfillPlan(plugin: plugin, hook: hook)
            return Dictionary(uniqueKeysWithValues: plan.hooks.map { ($0.rawValue, $1) })
        }
        #expect(try hooks(["on_created_file"]) == ["file": "on_created_file"])
        #expect(
            try hooks(["*"])
                == ["file": "on_created_file", "config": "on_created_config", "blob": "on_created_text_blob"])
        #expect(try hooks(["*"], content: true) == ["file": "on_created_file"])
        let object = [
            "file": "on_created_object", "config": "on_created_object", "blob": "on_created_object",
        ]
        #expect(try hooks(["on_created_object"]) == object)
        #expect(try hooks(["on_created_*"], "on_created_object") == object)
        #expect(throws: PipelineError.self) { try hooks(["on_created_tag"]) }
        #expect(throws: PipelineError.self) { try hooks(["*"], "on_created_tag") }
        #expect(throws: PipelineError.self) { try hooks(["on_created_file"], "on_created_config") }
    }

    @Test func pathsCarryTheSearchUnharmed() throws {
        let file = try BackfillPlan(plugin: .named("p"), hook: nil)
        #expect(
            file.listPath(#"tag:"a&b=c#" AND x"#, olderThan: "ff", count: 5)
                == "/file?count=5&query=tag%3A%22a%26b%3Dc%23%22%20AND%20x&older_than=ff")
        #expect(file.countPath(nil) == "/file/count")
        #expect(
            try BackfillPlan(plugin: .named("p", hooks: ["*"]), hook: nil).countPath("x")
                == "/object/count?query=x")
    }

    @Test func aCursorOverlapsAndPassesOverWhatItHasSeen() {
        var cursor = BackfillCursor()
        #expect(cursor.pivot == nil && cursor.fresh(["a"]) == ["a"])
        let ids = (0..<30).map { "o\($0)" }
        cursor.advance(over: ids[..<20])
        #expect(cursor.pivot == "o9" && cursor.fresh(Array(ids[10...])) == Array(ids[20...]))
        #expect(BackfillCursor(cursor.description) == cursor)
        for _ in 0..<20 { cursor.losePivot() }
        #expect(cursor == BackfillCursor())
    }

    private static let file = """
        {"id": "\(String(repeating: "a", count: 64))", "type": "file", "tags": [{"tag": "x\\u202e"}],
        "upload_time": "2026-11-23T18:28:03.266259+00:00", "favorite": false, "share_3rd_party": true,
        "file_name": "a\\u0000\\"\\n.exe", "alt_names": [], "file_size": 2, "file_type": "data", "md5": "m",
        "sha1": "s", "sha256": "\(String(repeating: "a", count: 64))", "sha512": "t", "crc32": "c", "ssdeep": null,
        "latest_config": null, "children": [], "parents": [], "attributes": []}
        """

    private func event(
        _ text: String, _ kind: BackfillPlan.Kind = .file, hook: String = "on_created_file",
        plugin: String = "p"
    )
        throws -> Event
    {
        try BackfillEvent(source: "mwdb", plugin: plugin).make(JSON.parse(Array(text.utf8)), kind, hook: hook)
    }

    @Test func anEventIsWhatTheSourceWouldHaveWritten() throws {
        let event = try event(Self.file)
        let tree = try JSON.parse(event.body)
        #expect(tree["timestamp"] == .string("2026-11-23T18:28:03.266Z") && tree["actor"] == .null)
        #expect(tree.path("data.file.tags") == .array([.string("x\u{202e}")]))
        #expect(tree.path("data.file.file_name") == .string("a\0\"\n.exe"))
        guard case .object(let members)? = tree.path("data.file") else { throw PipelineError("no file") }
        #expect(
            members.map(\.key) == [
                "id", "type", "upload_time", "share_3rd_party", "file_name", "file_size", "file_type", "md5",
                "sha1",
                "sha256", "sha512", "crc32", "ssdeep", "alt_names", "tags",
            ])
        #expect(event.file?.sha256 == String(repeating: "a", count: 64) && event.file?.size == 2)
        #expect(try self.event(Self.file, hook: "on_created_object").object == event.object)
    }

    @Test func itsIdFollowsFromPluginHookAndObject() throws {
        let id = try event(Self.file).id
        #expect(
            id.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
        #expect(try event(Self.file.replacing("x\\u202e", with: "later")).id == id, "tags may change")
        #expect(try event(Self.file, plugin: "q").id != id)
        #expect(try event(Self.file, hook: "on_created_object").id != id)
        #expect(
            try event(
                Self.file.replacing(
                    String(repeating: "a", count: 64), with: String(repeating: "b", count: 64))
            ).id != id)
    }

    @Test func whatIsTooLongIsLeftOutAndNamed() throws {
        let long = String(repeating: "x", count: BackfillEvent.fieldLimit)
        let blob = try event(
            #"{"id": "b", "type": "text_blob", "upload_time": "2026-11-23T18:28:03+00:00", "content": "\#(long)"}"#,
            .blob, hook: "on_created_text_blob")
        let tree = try JSON.parse(blob.body)
        #expect(tree.path("data.blob.content") == .null)
        #expect(tree.path("data.blob.truncated") == .array([.string("content")]))
        #expect(tree.path("data.blob.unavailable.0") == .string("share_3rd_party"))
        #expect(throws: PipelineError.self) { try event(#"{"id": "b"}"#) }
        #expect(throws: PipelineError.self) { try event(#"{"id": "b", "upload_time": "soon"}"#) }
    }

    @Test func answersAreSortedByWhoMendsThem() throws {
        #expect(try MWDBClient.read(.answer(200, body: #"{"count":3}"#))["count"] == .number("3"))
        func problem(_ reply: Reply) -> MWDBClient.Problem? {
            do throws(MWDBClient.Problem) {
                _ = try MWDBClient.read(reply)
                return nil
            } catch {
                return error
            }
        }
        for status in [429, 500, 502, 503] {
            guard case .passing? = problem(.answer(status)) else { throw PipelineError("\(status)") }
        }
        guard case .passing? = problem(.failure(.connect)), case .passing? = problem(.answer(200, body: "{"))
        else {
            throw PipelineError("connect")
        }
        #expect(problem(.answer(404)) == .notFound)
        #expect(
            problem(.answer(400, body: #"{"message":"bad \u001b query"}"#))
                == .lasting("MWDB does not understand the search: bad query"))
        guard case .lasting? = problem(.answer(403)) else { throw PipelineError("403") }
    }
}
