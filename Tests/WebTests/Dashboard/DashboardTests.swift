// The dashboard's files, and the operations behind its pages.

import Model
import Testing

@testable import Outbox
@testable import Web

@Suite("Dashboard")
struct DashboardTests {
    @Test("Every file is served with a policy that lets nothing else in")
    func files() async throws {
        try await ServerFixture.run { server in
            for asset in Asset.all {
                let answer = try await server.get(asset.path)
                #expect(answer.status == 200, "\(asset.path)")
                #expect(answer.headers["content-security-policy"] == Interface.policy)
                #expect(answer.headers["x-frame-options"] == "DENY")
            }
            #expect(!Interface.policy.contains("unsafe"))
        }
    }

    @Test("Pages make no markup of text, hold nothing inline, and name no other origin")
    func contents() {
        let words = [
            "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "style=\"", "http://",
            "https://",
        ]
        for asset in Asset.all {
            let text = String(decoding: asset.bytes, as: UTF8.self).replacing(
                "http://www.w3.org/2000/svg", with: "")
            for word in words { #expect(!text.contains(word), "\(asset.path): \(word)") }
        }
        let imported = Asset.all.flatMap { asset in
            String(decoding: asset.bytes, as: UTF8.self).matches(of: /from "\.\/([a-z]+\.js)"/).map {
                String($0.1)
            }
        }
        for name in imported { #expect(Asset.all.contains { $0.path == "/assets/" + name }, "\(name)") }
    }

    @Test("Dead letters with one reason are one group, and are retried together")
    func deadLetters() async throws {
        var reader = ScriptedReader()
        reader.summaries = [
            Rows.summary("HTTP 422: id 1a2b3c4d"), Rows.summary("HTTP 422: id 99887766"),
            Rows.summary("gone"),
        ]
        try await ServerFixture.run(reader: reader) { server in
            let list = try #require(try await server.get("/api/dead-letters").json)
            #expect(list.pointer("/groups/1") != nil && list.pointer("/groups/2") == nil)
            #expect(list.pointer("/groups/0/count") == .number("2"))
            #expect(list.pointer("/groups/0/reason")?.text == "HTTP 422: id …")
            let answer = try await server.post(
                "/api/dead-letters/retry", #"{"plugin":"hello_world","reason":"HTTP 422: id …"}"#)
            #expect(answer.json?["changed"] == .number("3"))
            #expect(answer.json?["more"] == .bool(false) && answer.json?["next"] == .null)
            #expect(server.control.calls.count == 1)
            #expect(server.control.script.withLock { $0.audited }.first?.hasPrefix("retry: 3 dead") == true)
            try await #expect(server.post("/api/dead-letters/retry", "{}").status == 400)
            try await #expect(
                server.post("/api/dead-letters/retry", #"{"plugin":"x","reason":"y","state":"ready"}"#).status
                    == 400)
        }
    }

    @Test("Reasons beyond those told apart are counted by themselves: a group is what its retry finds")
    func manyReasons() async throws {
        var reader = ScriptedReader()
        reader.summaries = (0..<230).map { Rows.summary("no " + String(repeating: "z", count: $0 + 1)) }
        reader.summaries += reader.summaries[195...]
        try await ServerFixture.run(reader: reader) { server in
            let list = try #require(try await server.get("/api/dead-letters").json)
            guard case .array(let groups)? = list["groups"] else { throw RawConnection.Silence() }
            let counts = groups.compactMap { $0["count"] }
            #expect(
                counts == Array(repeating: .number("2"), count: 5)
                    + Array(repeating: .number("1"), count: 195))
            #expect(list["others"] == .number("60"), "205 + 60 = 265")
            for group in groups {
                let reason = try #require(group["reason"]?.text)
                _ = try await server.post(
                    "/api/dead-letters/retry", #"{"plugin":"hello_world","reason":"\#(reason)"}"#)
            }
            let found = server.control.calls.map { JSON.integer($0.split(separator: ",").count) }
            #expect(found == counts)
        }
    }

    @Test("A retry of dead letters looks at some and says where it goes on")
    func deadLettersInParts() async throws {
        var reader = ScriptedReader()
        reader.summaries = (0..<1_000).map { _ in Rows.summary("gone") }
        reader.next = PageToken("77")
        try await ServerFixture.run(reader: reader) { server in
            let path = "/api/dead-letters/retry"
            let answer = try await server.post(
                path, #"{"plugin":"hello_world","reason":"gone","after":"99"}"#)
            #expect(answer.json?["next"] == .string("77") && answer.json?["more"] == .bool(true))
            let asked = reader.filters.withLock { $0 }
            #expect(asked.count == 3, "2,500 rows, in whole pages")
            #expect(asked.first?.contains("after 99") == true)
            #expect(asked.dropFirst().allSatisfy { $0.contains("after 77") })
            let wrong = #"{"plugin":"hello_world","reason":"gone","after":"x"}"#
            try await #expect(server.post(path, wrong).status == 400)
        }
    }

    @Test("Every action of an operator is written down")
    func audit() async throws {
        var reader = ScriptedReader()
        reader.summaries = [Rows.summary()]
        try await ServerFixture.run(reader: reader) { server in
            _ = try await server.post("/api/plugins/hello_world/pause", #"{"reason":"x"}"#)
            _ = try await server.post("/api/plugins/hello_world/resume", "")
            _ = try await server.post("/api/deliveries/retry", #"{"all":true}"#)
            _ = try await server.post("/api/deliveries/cancel", #"{"ids":["ev-1/hello_world"]}"#)
            _ = try await server.post("/api/deliveries/replay", #"{"events":["e"],"plugin":"hello_world"}"#)
            _ = try await server.post("/api/deliveries/retry", #"{"all":true,"dry_run":true}"#)
            _ = try await server.post("/api/reload", "")
            #expect(
                server.control.script.withLock { $0.audited } == [
                    "pause: hello_world", "resume: hello_world", #"job retry: job 7: {"all":true}"#,
                    #"cancel: 3 deliveries: {"ids":["ev-1/hello_world"]}"#,
                    #"replay: 2 events: {"events":["e"],"plugin":"hello_world"}"#, "reload: applied",
                ])
            let entry = try await server.get("/api/audit").json?.pointer("/entries/0")
            #expect(entry?["who"]?.text == "unix:0")
            #expect(try await server.get("/api/ages").json?.pointer("/rows/0/counts/1") == .number("2"))
            #expect(try await server.get("/api/history?minutes=60").json?["step_seconds"] == .number("60"))
            #expect(try await server.get("/api/session").json?["role"]?.text == "operator")
        }
    }

    @Test("A request is shown without secrets, and its binary parts as such")
    func preview() async throws {
        var reader = ScriptedReader()
        reader.event = EventDetail(summary: Rows.event(), body: Array("{}".utf8), deliveries: [])
        let control = ScriptedControl { $0.settings.secretValues = [Rows.secret] }
        try await ServerFixture.run(control: control, reader: reader) { server in
            let shown = try #require(try await server.get("/api/requests/ev-1/hello_world").json)
            #expect(shown["line"]?.text == "POST http://x/ev-1")
            #expect(shown["is_event"] == .bool(false))
            #expect(shown.pointer("/headers/0/value")?.text?.contains(Rows.secret) == false)
            #expect(shown.pointer("/parts/0/name")?.text == "on_created_file hello_world")
            #expect(shown.pointer("/parts/0/value_base64")?.text == "/w==")
            try await #expect(server.get("/api/requests/ev-2/hello_world").status == 404)
        }
    }
}
