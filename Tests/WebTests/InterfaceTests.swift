// The rest of the interface: what is where, for whom, and what strangers' text may do in it.

import Glibc
import Mailbox
import Model
import Settings
import Testing

@testable import Dispatcher
@testable import Outbox
@testable import Web

@Suite("HTTP interface")
struct InterfaceTests {
    @Test("Unknown paths are 404, known ones with another method 405 with what is allowed")
    func unknown() async throws {
        try await ServerFixture.run { server in
            for path in ["/nothing", "/api", "/api/", "/api/plugins/", "//", "/api/events/a/b"] {
                let answer = try await server.get(path)
                #expect(answer.status == 404, "\(path)")
                #expect(answer.type == "application/problem+json")
            }
            let answer = try await RawConnection.request("DELETE", "/api/events", to: server.socket)
            #expect(answer.status == 405)
            #expect(answer.headers["allow"] == "POST, GET")
        }
    }

    @Test("Over TCP there are probes and metrics, and nothing else")
    func publicPart() async throws {
        try await ServerFixture.run { server in
            for path in ["/healthz", "/readyz", "/metrics"] {
                try await #expect(RawConnection.request("GET", path, to: server.tcp).status == 200)
            }
            let interface = Interface(
                control: server.control, reader: ScriptedReader(), log: .init(label: "x"), reload: { [] })
            for route in interface.routes where !route.isPublic {
                let path = route.path.replacing("{plugin}", with: "hello_world").replacing(
                    "{event}", with: "1")
                let answer = try await RawConnection.request(
                    route.method.rawValue, path, headers: ["content-type: application/json"],
                    body: [0x7b, 0x7d],
                    to: server.tcp)
                #expect(answer.status == 404, "\(route.path)")
            }
            #expect(server.control.calls.isEmpty)
            #expect(server.control.accepted.isEmpty)
        }
    }

    @Test("A name that somebody else may own is no way in")
    func hosts() async throws {
        let check = HostCheck(listen: "mwdb.example.org")
        for host in [
            "mwdb.example.org:8080", "127.0.0.1", "[::1]:8080", "localhost", "webhooks:8080", "10.1.2.3:1",
        ] {
            #expect(check.complaint(about: host) == nil, "\(host)")
        }
        for host in [nil, "", "evil.example.org", "127.0.0.1.evil.example.org:80", "evil.org.", "é.x"] {
            #expect(check.complaint(about: host) != nil, "\(host ?? "nil")")
        }
        try await ServerFixture.run { server in
            let request = Array("GET /metrics HTTP/1.1\r\nhost: evil.example.org\r\n\r\n".utf8)
            await #expect(RawConnection.send([request], to: server.tcp).first?.status == 421)
        }
    }

    @Test("A forwarded unix socket is no way in either: a rebound page's GET says nothing but its host")
    func hostsOfTheSocket() async throws {
        try await ServerFixture.run { server in
            func status(_ path: String, _ host: String) async throws -> Int {
                try await RawConnection.request("GET", path, host: host, to: server.socket).status
            }
            for path in ["/api/events/export", "/api/status", "/", "/nothing/../api/status"] {
                try await #expect(status(path, "evil.example:8080") != 200, "\(path)")
            }
            let answer = try await RawConnection.request(
                "GET", "/api/events/export", host: "evil.example:8080", to: server.socket)
            #expect(answer.status == 421)
            #expect(answer.json?["detail"]?.text?.contains("localhost") == true)
            for host in ["localhost", "localhost:8080", "127.0.0.1:8080", "[::1]:8080", "forwarded:80"] {
                try await #expect(status("/api/events/export", host) == 200, "\(host)")
            }
            try await #expect(status("/healthz", "evil.example") == 200, "probes say nothing")
        }
    }

    @Test("HEAD is GET without its body")
    func head() async throws {
        try await ServerFixture.run { server in
            let request = Array("HEAD /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".utf8)
            let answers = await RawConnection.send([request], to: server.socket, answers: 2)
            // The answer promises a length and sends nothing, so that no second answer can be read.
            #expect(answers.isEmpty || answers[0].body.isEmpty)
        }
    }

    @Test("Readiness says why not")
    func readiness() async throws {
        let control = ScriptedControl { $0.notReady = "starting" }
        try await ServerFixture.run(control: control) { server in
            let answer = try await server.get("/readyz")
            #expect(answer.status == 503)
            #expect(answer.text == "not ready: starting\n")
            #expect(answer.headers["retry-after"] != nil)
            try await #expect(server.get("/healthz").status == 200)
            control.script.withLock { $0.notReady = nil }
            try await #expect(server.get("/readyz").status == 200)
        }
    }

    @Test("Plugins are shown as MWDB shows its own")
    func about() async throws {
        let control = ScriptedControl { script in
            var plugin = Plugin(name: "hello_world")
            (plugin.author, plugin.version, plugin.summary) = ("just me", "1.0.0", Rows.hostile)
            script.settings.plugins = [plugin]
        }
        try await ServerFixture.run(control: control) { server in
            let shown = try await server.get("/api/about").json?.pointer("/active_plugins/hello_world")
            #expect(shown?["active"] == .bool(true))
            #expect(shown?["author"] == .string("just me"))
            #expect(shown?["description"] == .string(Rows.hostile))
        }
    }

    @Test(
        "A query that is not understood is an error, never a filter that matches everything",
        arguments: [
            ("plugn=hello_world", "did you mean 'plugin'"), ("state=deda", "one or more of"),
            ("object=" + String(repeating: "x", count: 257), "1 to 256 characters"),
            ("limit=501", "1 to 500"),
            ("limit=0", "1 to 500"), ("limit=+5", "1 to 500"), ("status=99", "100 to 599"),
            ("since=yesterday", "moment"),
            ("after=x", "next"), ("state=dead&state=held", "twice"), ("plugin=%zz", "percent"),
            ("plugin=%ff", "percent"),
            ("since=2026-02-30T00:00:00Z", "moment"), ("state=", "one or more of"),
        ])
    func queries(query: String, hint: String) async throws {
        try await ServerFixture.run { server in
            let answer = try await server.get("/api/deliveries?" + query)
            #expect(answer.status == 400)
            #expect(answer.json?["detail"]?.text?.contains(hint) == true, "\(answer.text)")
        }
    }

    @Test("Filters reach the outbox, and its next page is passed on")
    func deliveries() async throws {
        var reader = ScriptedReader()
        reader.summaries = [Rows.summary()]
        reader.next = PageToken("41")
        try await ServerFixture.run(reader: reader) { server in
            let answer = try await server.get(
                "/api/deliveries?plugin=hello_world&state=dead,held&after=42&limit=7&object=%22%0a")
            #expect(answer.status == 200)
            #expect(
                reader.filters.withLock { $0 } == ["queue 1 states [\"dead\", \"held\"] after 42 limit 7"])
            #expect(answer.json?["next"] == .string("41"))
            #expect(answer.json?.pointer("/deliveries/0/id") == .string("ev-1/hello_world"))
            #expect(answer.json?.pointer("/deliveries/0/reason") == .string(Rows.hostile))
            #expect(!answer.body.contains(0x1b))
            try await #expect(server.get("/api/deliveries?plugin=hello_wrld").status == 404)
            try await #expect(server.get("/api/deliveries?plugin=mwdb").status == 200)
        }
    }

    @Test("Secrets do not leave, wherever a receiver may have echoed them")
    func redaction() async throws {
        let text = "token \(Rows.secret) refused"
        var reader = ScriptedReader()
        reader.detail = DeliveryDetail(
            summary: Rows.summary(text), event: Rows.event(),
            body: Array(#"{"a":"\#(Rows.secret)","n":20261}"#.utf8),
            extracted: Array(#"{"x":"\#(Rows.secret)"}"#.utf8), task: nil, attempts: [Rows.attempt(text)],
            siblings: [Rows.summary(text)])
        let control = ScriptedControl { script in
            script.settings.secretValues = [Rows.secret, "20261"]
            var status = PluginStatus(name: "hello_world", state: .misconfigured, reason: text)
            status.lastFailure = text
            script.statuses = .success([status])
            var plugin = Plugin(name: "hello_world")
            plugin.url = Template(literal: "http://x/" + Rows.secret)
            script.settings.plugins = [plugin]
            script.settings.effectivePlugins["hello_world"] = [
                EffectiveSetting(
                    key: "url", value: "http://x/" + Rows.secret, origin: .file("a.ini", line: 3))
            ]
            script.notReady = text
        }
        try await ServerFixture.run(control: control, reader: reader) { server in
            for path in [
                "/api/deliveries/ev-1/hello_world", "/api/plugins", "/api/plugins/hello_world", "/api/status",
                "/readyz",
            ] {
                let answer = try await server.get(path)
                #expect(answer.text.contains(Redaction.mark), "\(path)")
                #expect(!answer.text.contains(Rows.secret), "\(path)")
                if path != "/readyz" { #expect(answer.json != nil, "\(path)") }
            }
        }
    }

    @Test("The event's own numbers and strings come out as they went in")
    func faithful() async throws {
        let body = #"{"id":"ev-1","n":\#(String(repeating: "9", count: 301)),"z":"\u0000","k":{"b":1,"a":2}}"#
        var reader = ScriptedReader()
        reader.event = EventDetail(
            summary: Rows.event(), body: Array(body.utf8), deliveries: [Rows.summary()])
        try await ServerFixture.run(reader: reader) { server in
            let answer = try await server.get("/api/events/ev-1")
            #expect(answer.text.contains(String(repeating: "9", count: 301)))
            let sent = try JSON.parse(Array(body.utf8))
            #expect(answer.json?["body"] == sent)
            try await #expect(server.get("/api/events/ev-2").status == 404)
            try await #expect(server.get("/api/events/..%2f..%2fetc").status == 404)
        }
    }

    @Test("An outbox that cannot be read is 503 in words, and metrics still come")
    func brokenOutbox() async throws {
        var reader = ScriptedReader()
        reader.failure = .broken("I/O error")
        let control = ScriptedControl { $0.statuses = .failure(.broken("I/O error")) }
        try await ServerFixture.run(control: control, reader: reader) { server in
            let answer = try await server.get("/api/deliveries")
            #expect(answer.status == 503)
            #expect(answer.json?["detail"]?.text?.contains("I/O error") == true)
            let metrics = try await server.get("/metrics")
            #expect(metrics.status == 200)
            #expect(metrics.text.contains("\nmwdb_webhooks_up 0\n"))
        }
    }

    @Test("Reload lists its problems; with an error among them it is 422")
    func reload() async throws {
        let problem = SettingsProblem(
            .error, file: "a.ini", line: 3, section: "plugin:x", key: "url", message: "is no URL",
            suggestion: "Write http://…")
        try await ServerFixture.run(reload: { [problem] }) { server in
            let answer = try await server.post("/api/reload", "")
            #expect(answer.status == 422)
            #expect(answer.json?.pointer("/problems/0/line") == .number("3"))
        }
        try await ServerFixture.run(reload: { [] }) { server in
            try await #expect(server.post("/api/reload", "").status == 200)
        }
    }

    @Test("Heads that are too large, or are none, end the connection and nothing else")
    func heads() async throws {
        try await ServerFixture.run { server in
            let long = Array(
                ("GET /healthz HTTP/1.1\r\nhost: x\r\nx: " + String(repeating: "a", count: 100_000)).utf8)
            for request in [long, Array("\0\0\0\0\r\n\r\n".utf8), Array("GET\r\n\r\n".utf8)] {
                let answers = await RawConnection.send([request, Array("\r\n\r\n".utf8)], to: server.socket)
                #expect(answers.allSatisfy { $0.status >= 400 })
            }
            try await #expect(server.get("/healthz").status == 200)
        }
    }
}
