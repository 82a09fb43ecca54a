// POST /api/events: what is accepted, and what every other body gets.

import Dispatcher
import Mailbox
import Model
import Testing

@testable import Web

@Suite("Intake over HTTP")
struct IntakeTests {
    @Test("One event and many are offered as they came, and 202 says how many are durable")
    func accepted() async throws {
        let control = ScriptedControl { $0.answer = .accepted(count: 2, duplicates: 1) }
        try await ServerFixture.run(control: control) { server in
            let one = try await server.post("/api/events", #"{"id":"1"}"#)
            #expect(one.status == 202)
            #expect(one.text == "{\"accepted\":2,\"duplicates\":1}\n")
            #expect(one.type == "application/json")
            #expect(one.headers["date"]?.hasSuffix(" GMT") == true)
            let many = try await server.post(
                "/api/events", "{}\n{}\n", type: "Application/X-NDJSON; charset=utf-8")
            #expect(many.status == 202)
            #expect(control.accepted.map(\.lines) == [false, true])
            #expect(
                control.accepted.map { String(decoding: $0.body, as: UTF8.self) } == [
                    #"{"id":"1"}"#, "{}\n{}\n",
                ])
        }
    }

    @Test(
        "Types that are no events are 415",
        arguments: [nil, "text/plain", "application/jsonx", "multipart/form-data"])
    func unsupported(type: String?) async throws {
        try await ServerFixture.run { server in
            let answer = try await server.post("/api/events", "{}", type: type)
            #expect(answer.status == 415)
            #expect(answer.type == "application/problem+json")
            #expect(server.control.accepted.isEmpty)
        }
    }

    @Test("A compressed body is refused, not stored as it is")
    func compressed() async throws {
        try await ServerFixture.run { server in
            let answer = try await RawConnection.request(
                "POST", "/api/events", headers: ["content-type: application/json", "content-encoding: gzip"],
                body: [0x1f, 0x8b], to: server.socket)
            #expect(answer.status == 415)
        }
    }

    @Test("What the dispatcher refuses becomes a problem of its own status")
    func refused() async throws {
        let bad = [LineProblem(line: 2, message: "no id"), LineProblem(line: 4, message: Rows.hostile)]
        for (answer, status) in [
            (IntakeAnswer.invalid(bad, count: 2), 422), (.conflict(bad, count: 2), 409),
            (.tooLarge("over 16 MB"), 413),
            (.unavailable("the disk is full"), 503),
        ] {
            let control = ScriptedControl { $0.answer = answer }
            try await ServerFixture.run(control: control) { server in
                let answer = try await server.post("/api/events", "{}\n", type: "application/x-ndjson")
                #expect(answer.status == status)
                #expect(answer.type == "application/problem+json")
                #expect(answer.json?["status"]?.text == nil)
                #expect(answer.json?["title"]?.text?.isEmpty == false)
                #expect((answer.headers["retry-after"] != nil) == (status == 503))
                guard status == 422 || status == 409 else { return }
                #expect(answer.json?.pointer("/lines/0/line") == .number("2"))
                #expect(answer.json?.pointer("/lines/1/message") == .string(Rows.hostile))
            }
        }
    }

    @Test("A single body that is no JSON is 400; JSON that is no event is 422")
    func noJSON() async throws {
        let control = ScriptedControl {
            $0.answer = .invalid([LineProblem(line: 1, message: "no")], count: 1)
        }
        try await ServerFixture.run(control: control) { server in
            try await #expect(server.post("/api/events", "{]").status == 400)
            try await #expect(server.post("/api/events", "{}").status == 422)
            try await #expect(server.post("/api/events", "").status == 400)
        }
    }

    @Test("A body over the limit is 413, by its promise or by its bytes, and never reaches the dispatcher")
    func tooLarge() async throws {
        let control = ScriptedControl { $0.settings.maximumEventSize = 1000 }
        try await ServerFixture.run(control: control) { server in
            let body = [UInt8](repeating: 0x20, count: 2000)
            try await #expect(server.post("/api/events", body, type: "application/json").status == 413)
            let head = "POST /api/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
            let chunk = Array("7d0\r\n".utf8) + body + Array("\r\n0\r\n\r\n".utf8)
            let answers = await RawConnection.send(
                [Array((head + "transfer-encoding: chunked\r\n\r\n").utf8) + chunk], to: server.socket)
            #expect(answers.first?.status == 413)
            // A promise of a terabyte is answered before it is kept.
            let promise = Array((head + "content-length: 1000000000000\r\n\r\n").utf8)
            await #expect(RawConnection.send([promise], to: server.socket).first?.status == 413)
            #expect(control.accepted.isEmpty)
        }
    }

    @Test("A body that breaks off is not taken for a whole one", arguments: [true, false])
    func brokenOff(chunked: Bool) async throws {
        try await ServerFixture.run { server in
            let head = "POST /api/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-ndjson\r\n"
            let rest =
                chunked
                ? "transfer-encoding: chunked\r\n\r\n3\r\n{}\n\r\n" : "content-length: 9\r\n\r\n{}\n{}\n"
            let answers = await RawConnection.send([Array((head + rest).utf8)], to: server.socket, half: true)
            #expect(answers.allSatisfy { $0.status == 400 })
            #expect(server.control.accepted.isEmpty)
            // The server is as well as before.
            try await #expect(server.get("/healthz").status == 200)
        }
    }

    @Test("One connection carries many requests, one after the other and all at once")
    func keepAlive() async throws {
        try await ServerFixture.run { server in
            let request = Array(
                ("POST /api/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
                    + "content-length: 2\r\n\r\n{}").utf8)
            let answers = await RawConnection.send(
                [request, request + request + request], to: server.socket, answers: 4)
            #expect(answers.map(\.status) == [202, 202, 202, 202])
        }
    }

    @Test("What a page of somebody else posts over a forwarded socket is not stored")
    func foreign() async throws {
        try await ServerFixture.run { server in
            func status(_ host: String, _ headers: [String]) async throws -> Int {
                try await RawConnection.request(
                    "POST", "/api/events", host: host,
                    headers: ["content-type: application/json"] + headers, body: Array("{}".utf8),
                    to: server.socket
                ).status
            }
            let evil = "origin: http://evil.example:8080"
            try await #expect(status("evil.example:8080", [evil, "sec-fetch-site: cross-site"]) == 403)
            try await #expect(status("evil.example:8080", [evil]) == 403, "no proof")
            try await #expect(status("evil.example:8080", [evil, "x-mwdb-webhooks: 1"]) == 421)
            try await #expect(status("evil.example:8080", []) == 421)
            try await #expect(status("localhost:8080", [evil]) == 403)
            #expect(server.control.accepted.isEmpty)
            let ours = ["origin: http://localhost:8080", "x-mwdb-webhooks: 1"]
            try await #expect(status("localhost:8080", ours) == 202)
            try await #expect(status("localhost", []) == 202)
            #expect(server.control.accepted.count == 2)
        }
    }

    @Test("Who asks before sending a body is told to go on, or is refused without having to send it")
    func expectation() async throws {
        let control = ScriptedControl { $0.settings.maximumEventSize = 1000 }
        try await ServerFixture.run(control: control) { server in
            func statuses(_ body: [UInt8], _ length: Int) async -> [Int] {
                let head =
                    "POST /api/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
                    + "expect: 100-continue\r\nconnection: close\r\ncontent-length: \(length)\r\n\r\n"
                let pieces = [Array(head.utf8), body]
                return await RawConnection.send(pieces, to: server.socket, answers: 9, half: true)
                    .map(\.status)
            }
            await #expect(statuses([0x7b, 0x7d], 2) == [100, 202])
            await #expect(statuses([], 5000) == [413])
        }
    }

    @Test("Bodies together are bounded: what does not fit is refused for now")
    func budget() {
        let budget = BodyBudget(bytes: 100)
        #expect(budget.take(60))
        #expect(!budget.take(60))
        budget.giveBack(60)
        #expect(budget.take(100))
    }
}
