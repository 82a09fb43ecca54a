// Jobs over the interface and from the commands, exports, and what is refused.

import Model
import Testing

@testable import Dispatcher
@testable import Outbox
@testable import Web
@testable import mwdb_webhooks

@Suite("Jobs and exports")
struct JobTests {
    @Test("Orders are handed on as they are meant")
    func orders() async throws {
        try await ServerFixture.run { server in
            for body in [
                #"{"kind":"retry","plugin":"hello_world","state":["dead"],"rate":"10/s"}"#,
                #"{"kind":"replay","plugin":"hello_world","hook":"on_created_file","new_id":true}"#,
                #"{"kind":"backfill","plugin":"hello_world","query":"tag:x","rate":"5/m"}"#,
            ] {
                let answer = try await server.post("/api/jobs", body)
                #expect(answer.status == 202, "\(body)")
                #expect(answer.json?["id"] == .number("7"))
            }
            #expect(server.control.calls.count == 3)
            #expect(
                server.control.calls[0].hasPrefix("order retry(")
                    && server.control.calls[0].hasSuffix("rate 10/1s"))
            #expect(server.control.calls[1].contains(#"plugin: "hello_world", newID: true) rate -"#))
            #expect(
                server.control.calls[2].contains(
                    #"query: Optional("tag:x"), plugin: "hello_world", hook: nil"#))
            #expect(server.control.script.withLock { $0.audited.count } == 3)
        }
    }

    @Test(
        "What is not understood begins nothing",
        arguments: [
            ("{}", 400), (#"{"kind":"retri"}"#, 400), (#"{"kind":"retry"}"#, 400),
            (#"{"kind":"replay","all":true}"#, 400),
            (#"{"kind":"replay","plugin":"hello_world"}"#, 400),
            (#"{"kind":"replay","plugin":"nobody","all":true}"#, 404),
            (#"{"kind":"replay","plugin":"mwdb","all":true}"#, 400),
            (#"{"kind":"backfill","plugin":"hello_world"}"#, 400),
            (#"{"kind":"backfill","plugin":"hello_world","all":true,"since":"2026-01-01"}"#, 400),
            (#"{"kind":"retry","all":true,"query":"x"}"#, 400),
            (#"{"kind":"retry","all":true,"rate":"fast"}"#, 400),
            (#"{"kind":"retry","ids":["a/b"]}"#, 400),
            (#"{"kind":"backfill","plugin":"hello_world","query":"wrong (","dry_run":true}"#, 409),
        ])
    func refused(body: String, status: Int) async throws {
        try await ServerFixture.run { server in
            try await #expect(server.post("/api/jobs", body).status == status)
            #expect(server.control.calls.isEmpty)
        }
    }

    @Test("Dry runs count and begin nothing")
    func dryRuns() async throws {
        try await ServerFixture.run { server in
            for (body, matched) in [
                (#"{"kind":"retry","all":true,"dry_run":true}"#, "2"),
                (#"{"kind":"cancel","plugin":"hello_world","dry_run":true}"#, "2"),
                (#"{"kind":"replay","plugin":"hello_world","all":true,"dry_run":true}"#, "1"),
                (#"{"kind":"backfill","plugin":"hello_world","query":"x","dry_run":true}"#, "500"),
            ] {
                let answer = try await server.post("/api/jobs", body)
                #expect(answer.status == 200 && answer.json?["matched"] == .number(matched))
            }
            #expect(server.control.calls.isEmpty)
        }
    }

    @Test("Jobs are listed, shown, stopped and resumed; secrets are not among what is said")
    func shown() async throws {
        let control = ScriptedControl { $0.settings.secretValues = [Rows.secret] }
        try await ServerFixture.run(control: control) { server in
            let list = try await server.get("/api/jobs")
            #expect(list.status == 200 && !list.text.contains(Rows.secret))
            let job = list.json?["jobs"]?[0]
            #expect(
                job?["kind"] == .string("retry") && job?["selection"]?["plugin"] == .string("hello_world"))
            #expect(job?["selection"]?["object"] == .string(Rows.hostile))
            try await #expect(server.get("/api/jobs/7").json?["state"] == .string("done"))
            try await #expect(server.post("/api/jobs/7/stop", "").status == 200)
            try await #expect(server.post("/api/jobs/7/resume", "").status == 200)
            for path in ["/api/jobs/8", "/api/jobs/x", "/api/jobs/-1"] {
                try await #expect(server.get(path).status == 404)
            }
            try await #expect(server.post("/api/jobs/8/stop", "").status == 404)
            #expect(control.calls == ["stop 7", "resume job 7", "stop 8"])
        }
    }

    @Test("An export says where the next page begins")
    func export() async throws {
        try await ServerFixture.run { server in
            let first = try await server.get("/api/events/export?hook=on_created_file")
            #expect(first.status == 200 && first.text == "{\"n\":1}\n")
            #expect(first.headers["content-type"] == "application/x-ndjson")
            #expect(first.headers["mwdb-webhooks-next"] == "1")
            let last = try await server.get("/api/events/export?after=1")
            #expect(last.text == "{\"n\":2}\n" && last.headers["mwdb-webhooks-next"] == nil)
            try await #expect(server.get("/api/events/export?after=x").status == 400)
        }
    }

    @Test("Progress: a bar where the total is known, the problem where there is one, and never more than all")
    func progress() throws {
        func job(_ text: String) throws -> JSON { try JSON.parse(Array(text.utf8)) }
        var progress = JobProgress()
        let running =
            #"{"kind":"retry","state":"running","total":1000,"examined":0,"done":0,"skipped":0,"problem":null}"#
        progress.note(try job(running), at: Timestamp(milliseconds: 0))
        #expect(progress.line == "[--------------------] 0 % of 1000, 0 to be tried, 0 skipped")
        progress.note(
            try job(running.replacing(#""examined":0,"done":0"#, with: #""examined":500,"done":400"#)),
            at: Timestamp(milliseconds: 5_000))
        #expect(
            progress.line
                == "[##########----------] 50 % of 1000, 400 to be tried, 0 skipped, 100/s, 5 s left")
        var unknown = JobProgress()
        unknown.note(
            try job(
                #"{"kind":"backfill","state":"failed","total":null,"examined":7,"done":6,"skipped":1,"problem":"a\u001bb"}"#
            ),
            at: Timestamp(milliseconds: 0))
        #expect(unknown.line == "7 looked at, 6 to be delivered, 1 skipped, failed, a\\x1bb")
        var cancel = JobProgress()
        cancel.note(
            try job(#"{"kind":"cancel","state":"done","total":2,"examined":2,"done":2,"skipped":0}"#),
            at: Timestamp(milliseconds: 0))
        #expect(cancel.line.hasSuffix("2 called off, 0 skipped, done"))
        var more = JobProgress()
        more.note(
            try job(#"{"kind":"replay","state":"done","total":5,"examined":9,"done":9,"skipped":0}"#),
            at: Timestamp(milliseconds: 0))
        #expect(more.line.hasPrefix("[####################] 100 % of 5"))
    }
}
