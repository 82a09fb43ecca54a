// What an operator does over the interface: selections that mean what they say.

import Mailbox
import Model
import Testing

@testable import Dispatcher
@testable import Outbox
@testable import Web

@Suite("Operator's actions")
struct ActionTests {
    @Test(
        "Retry and cancel do what is named at once, and begin a job for what a filter selects",
        arguments: ["retry", "cancel"])
    func selections(verb: String) async throws {
        var reader = ScriptedReader()
        reader.summaries = [Rows.summary()]
        try await ServerFixture.run(reader: reader) { server in
            let path = "/api/deliveries/" + verb
            let filter = #"{"plugin":"hello_world","state":["dead","held"],"status":404,"object":"x"}"#
            let named = try await server.post(path, #"{"ids":["ev-1/hello_world"]}"#)
            #expect(named.status == 200 && named.json?["changed"] == .number("3"))
            let answer = try await server.post(path, filter)
            #expect(answer.status == 202 && answer.json?["id"] == .number("7"))
            try await #expect(server.post(path, #"{"all":true}"#).status == 202)
            let id = DeliveryID(sequence: 7, plugin: PluginNumber(1)).rawValue
            let chosen = DeliveryFilter(
                queue: PluginNumber(1), states: [.dead, .held], object: "x", status: 404)
            let make = verb == "retry" ? JobRequest.retry : JobRequest.cancel
            let orders = [make(chosen), make(DeliveryFilter())].map { "order \($0) rate -" }
            #expect(server.control.calls.map(sorted) == ([verb + " ids [\(id)]"] + orders).map(sorted))
        }
    }

    /// The states of a filter are printed in any order.
    private func sorted(_ text: String) -> String { String(text.sorted()) }

    @Test(
        "What is not understood changes nothing",
        arguments: [
            ("{}", 400), ("", 400), ("[]", 400), ("{", 400), (#"{"plugn":"x"}"#, 400),
            (#"{"plugin":3}"#, 400),
            (#"{"plugin":"nobody"}"#, 404), (#"{"ids":["x"]}"#, 400), (#"{"ids":["ev-9/hello_world"]}"#, 404),
            (#"{"state":"deda"}"#, 400), (#"{"all":"yes"}"#, 400), (#"{"since":"now","all":true}"#, 400),
            (#"{"ids":[1]}"#, 400), (#"{"status":7}"#, 400), (#"{"all":true,"dry_run":1}"#, 400),
        ])
    func refused(body: String, status: Int) async throws {
        try await ServerFixture.run { server in
            try await #expect(server.post("/api/deliveries/retry", body).status == status)
            #expect(server.control.calls.isEmpty)
        }
    }

    @Test("A dry run counts, page by page, only what the action would touch")
    func dryRun() async throws {
        var reader = ScriptedReader()
        reader.summaries = [Rows.summary(), Rows.summary()]
        try await ServerFixture.run(reader: reader) { server in
            let answer = try await server.post(
                "/api/deliveries/retry", #"{"plugin":"hello_world","dry_run":true}"#)
            #expect(answer.json?["matched"] == .number("2"))
            #expect(answer.json?["more"] == .bool(false))
            #expect(
                reader.filters.withLock { $0[0] }
                    == #"count queue 1 states ["cancelled", "dead", "held", "waiting"]"#)
            let none = try await server.post(
                "/api/deliveries/retry", #"{"state":"delivered","dry_run":true}"#)
            #expect(none.json?["matched"] == .number("0"))
            #expect(server.control.calls.isEmpty)
        }
    }

    @Test(
        "A dry run of what is named counts what is there and would be changed",
        arguments: [
            ("retry", DeliveryState.delivered, 0), ("retry", .ready, 0), ("retry", .dead, 1),
            ("cancel", .delivered, 0), ("cancel", .cancelled, 0), ("cancel", .blocked, 1),
        ])
    func dryRunOfNamed(verb: String, state: DeliveryState, matched: Int) async throws {
        var reader = ScriptedReader()
        reader.summaries = [Rows.summary(state: state)]
        reader.event = EventDetail(summary: Rows.event(), body: nil, deliveries: [])
        try await ServerFixture.run(reader: reader) { server in
            func counted(_ path: String, _ body: String) async throws -> JSON? {
                try await server.post("/api/deliveries/" + path, body).json?["matched"]
            }
            try await #expect(
                counted(verb, #"{"ids":["ev-1/hello_world"],"dry_run":true}"#) == .integer(matched))
            let events = #"{"plugin":"hello_world","events":["nosuch1","ev-1","nosuch2"],"dry_run":true}"#
            try await #expect(counted("replay", events) == .number("1"))
            #expect(server.control.calls.isEmpty)
        }
    }

    @Test("Replay wants a plugin and a restriction")
    func replay() async throws {
        try await ServerFixture.run { server in
            let path = "/api/deliveries/replay"
            try await #expect(server.post(path, #"{"events":["ev-1"]}"#).status == 400)
            try await #expect(server.post(path, #"{"plugin":"hello_world"}"#).status == 400)
            try await #expect(server.post(path, #"{"plugin":"nobody","all":true}"#).status == 404)
            try await #expect(server.post(path, #"{"plugin":"mwdb","all":true}"#).status == 400)
            #expect(server.control.calls.isEmpty)
            let answer = try await server.post(
                path, #"{"plugin":"hello_world","events":["ev-1"],"new_id":true}"#)
            #expect(answer.json?["replayed"] == .number("2"))
            let filtered = try await server.post(
                path, #"{"plugin":"hello_world","hook":"on_created_file"}"#)
            #expect(filtered.status == 202 && filtered.json?["id"] == .number("7"))
            let order = JobRequest.replay(
                EventFilter(hook: "on_created_file"), plugin: "hello_world", newID: false)
            #expect(
                server.control.calls == [
                    #"replay ids(["ev-1"]) to hello_world new true"#, "order \(order) rate -",
                ])
        }
    }

    @Test("Pause and resume answer with the plugin as it is then")
    func pause() async throws {
        let control = ScriptedControl { script in
            script.statuses = .success([
                PluginStatus(name: "hello_world", state: .paused, reason: "maintenance")
            ])
        }
        try await ServerFixture.run(control: control) { server in
            let answer = try await server.post("/api/plugins/hello_world/pause", #"{"reason":"maintenance"}"#)
            #expect(answer.json?.pointer("/status/state") == .string("paused"))
            try await #expect(server.post("/api/plugins/hello_world/pause", "").status == 200)
            try await #expect(server.post("/api/plugins/hello_world/resume", "").status == 200)
            try await #expect(server.post("/api/plugins/nobody/pause", "").status == 404)
            #expect(
                control.calls == [
                    "pause hello_world: maintenance", "pause hello_world: paused by the operator",
                    "resume hello_world",
                ])
        }
    }

    @Test("Ping hands a sample on as a file, and leaves none behind")
    func ping() async throws {
        let reply = Reply(token: 0, result: .answer(Answer(status: 200, body: Array(Rows.hostile.utf8))))
        let control = ScriptedControl { script in
            script.report = PingReport(
                request: "POST http://x/", headers: [Header("a", Rows.hostile)], reply: reply,
                verdict: "delivered",
                delivered: true, extracted: [])
        }
        try await ServerFixture.run(control: control) { server in
            let sample: [UInt8] = [0, 1, 2, 0xff]
            let path = "/api/plugins/hello_world/ping?hook=on_created_file"
            let answer = try await server.post(path, sample, type: "application/octet-stream")
            #expect(answer.status == 200)
            #expect(answer.json?.pointer("/answer/body") == .string(Rows.hostile))
            #expect(answer.json?["delivered"] == .bool(true))
            #expect(control.script.withLock { $0.sample } == sample)
            #expect(control.calls == ["ping hello_world on_created_file"])
            try await #expect(
                server.post("/api/plugins/hello_world/ping?hook=on_creatd_file", "").status == 400)
            control.script.withLock { $0.report = nil }
            try await #expect(server.post("/api/plugins/hello_world/ping", "").status == 409)
        }
    }
}
