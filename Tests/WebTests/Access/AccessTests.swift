// Tokens, sessions, attempts and foreign requests: what opens the interface over TCP, and what does not.

import Glibc
import Hummingbird
import Logging
import Model
import Testing

@testable import Web

@Suite("Access over TCP")
struct AccessTests {
    private let tokens = AccessTokens(
        operator: "mwo_" + String(repeating: "a", count: 40),
        viewer: "mwv_" + String(repeating: "b", count: 40))
    private let now = Timestamp(milliseconds: 1_795_458_483_266)

    @Test("The file is read back as it was written, and only its owner's")
    func file() throws {
        let folder = try temporaryFolder()
        defer { rmdir(folder) }
        let path = folder + "/token"
        defer { unlink(path) }
        #expect(try AccessTokens.read(path) == nil)
        try tokens.write(path)
        #expect(try AccessTokens.read(path) == tokens)
        var information = stat()
        #expect(stat(path, &information) == 0)
        #expect(information.st_mode & 0o777 == 0o600)
        chmod(path, 0o640)
        #expect { try AccessTokens.read(path) } throws: { "\($0)".contains("chmod 600") }
        unlink(path)
        symlink("/dev/null", path)
        #expect(throws: AccessTokensError.self) { try AccessTokens.read(path) }
    }

    @Test("New tokens differ from each other and from the next", arguments: 0..<3)
    func random(_: Int) {
        let made = AccessTokens.random()
        #expect(made.operator != made.viewer)
        #expect(made != AccessTokens.random())
        #expect(AccessTokens.parse(made.text) == made)
    }

    @Test(
        "A file that lacks a token opens nothing",
        arguments: [
            "", "operator x\nviewer y\n", "operator aaaaaaaaaaaaaaaaaaaaaaa\n",
            "operator aaaaaaaaaaaaaaaaaaaaaaa\nviewer aaaaaaaaaaaaaaaaaaaaaaa\n",
            "admin aaaaaaaaaaaaaaaaaaaaaaa\n", "<script>\n",
        ])
    func broken(text: String) {
        #expect(AccessTokens.parse(text) == nil)
    }

    @Test("A token opens its role; nothing else opens any")
    func roles() {
        #expect(tokens.role(of: tokens.operator) == .operator)
        #expect(tokens.role(of: tokens.viewer) == .viewer)
        for wrong in ["", "mwo_", tokens.operator + "a", String(tokens.operator.dropLast()), "é"] {
            #expect(tokens.role(of: wrong) == nil, "\(wrong)")
        }
        #expect(Role.viewer < Role.operator)
        #expect(!(Role.operator < Role.operator))
    }

    @Test("A session ends with its time and with its token, and cannot be made from another")
    func session() throws {
        let value = Session.value(.viewer, tokens: tokens, now: now)
        func role(_ value: String, _ tokens: AccessTokens, after span: Span = .seconds(0)) -> Role? {
            Session.role(of: value[...], tokens: tokens, now: now + span)
        }
        #expect(role(value, tokens) == .viewer)
        #expect(role(value, tokens, after: .hours(13)) == nil)
        #expect(role(value.replacing("viewer", with: "operator"), tokens) == nil)
        #expect(role(value, AccessTokens(operator: tokens.operator, viewer: "other")) == nil)
        #expect(role(value, AccessTokens(operator: "other", viewer: tokens.viewer)) == .viewer)
        for forged in [
            "", "viewer", "viewer.1.2", value + "0", "viewer.99999999999999999.\(value.suffix(64))",
        ] {
            #expect(role(forged, tokens) == nil, "\(forged)")
        }
        let cookies = "a=b; mwdb_webhooks=x; mwdb_webhooks=\(value); c=d"
        #expect(Session.values(inCookies: cookies).map(String.init) == ["x", value])
        #expect(Session.values(inCookies: "xmwdb_webhooks=1").isEmpty)
        #expect(Session.cookie("x", isSecure: true).hasSuffix("HttpOnly; SameSite=Strict; Secure"))
        #expect(Session.cookie("", isSecure: false).contains("Max-Age=0"))
    }

    @Test("Ten wrong tokens are let through at once, then one each six seconds, for each address by itself")
    func attempts() {
        var limit = AttemptLimit()
        for _ in 0..<AttemptLimit.burst {
            #expect(limit.wait("a", now: now) == nil)
            limit.fail("a", now: now)
        }
        #expect(limit.wait("a", now: now) == 6)
        #expect(limit.wait("b", now: now) == nil)
        #expect(limit.wait("a", now: now + .seconds(6)) == nil)
        limit.fail("a", now: now + .seconds(6))
        #expect(limit.wait("a", now: now + .seconds(6)) == 6)
        #expect(limit.wait("a", now: now + .minutes(5)) == nil)
        for address in 0..<5000 { limit.fail("\(address)", now: now) }
    }

    @Test("Wrong tokens are limited, the right one is not: behind a proxy all callers have one address")
    func lockOut() throws {
        let folder = try temporaryFolder()
        defer { rmdir(folder) }
        let path = folder + "/token"
        defer { unlink(path) }
        try tokens.write(path)
        let now = now
        let log = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let access = Access(path: path, log: log, now: { now })
        func status(_ token: String) -> Int {
            do throws(Problem) {
                _ = try access.login(token, from: "127.0.0.1")
                return 200
            } catch {
                return error.status
            }
        }
        let wrong = (0..<12).map { status("wrong \($0)") }
        #expect(wrong == Array(repeating: 401, count: 10) + [429, 429])
        #expect(status(tokens.viewer) == 200)
        #expect(status(tokens.operator) == 200)
        #expect(status("wrong") == 429)
    }

    @Test("A session counts beside another scheme's credentials and behind a cookie of the same name")
    func otherCredentials() async throws {
        try await ServerFixture.run(withAccess: true) { server in
            let path = server.folder + "/token"
            try tokens.write(path)
            defer { unlink(path) }
            let value = Session.value(.viewer, tokens: tokens, now: systemTime())
            func answer(_ headers: String...) async throws -> RawAnswer {
                try await RawConnection.request("GET", "/api/status", headers: headers, to: server.tcp)
            }
            let session = "cookie: mwdb_webhooks=\(value)"
            try await #expect(answer(session, "authorization: Basic eDp5").status == 200)
            try await #expect(answer("cookie: mwdb_webhooks=x; mwdb_webhooks=\(value)").status == 200)
            try await #expect(answer("cookie: mwdb_webhooks=x").status == 401)
            try await #expect(answer(session, "authorization: Bearer wrong").status == 401)
            let refused = try await answer("authorization: Basic eDp5")
            #expect(refused.status == 401)
            #expect(refused.json?["detail"]?.text?.contains("must be: Bearer TOKEN") == true)
        }
    }

    @Test("A page of somebody else gets nothing done")
    func foreign() throws {
        func complaint(_ method: HTTPRequest.Method, _ headers: [String: String]) throws -> String? {
            var fields = HTTPFields()
            for (name, value) in headers { fields[try #require(HTTPFields.Element.Name(name))] = value }
            let head = HTTPRequest(
                method: method, scheme: "http", authority: "hooks.example:80", path: "/", headerFields: fields
            )
            return ForeignRequest.complaint(about: Request(head: head, body: .init(buffer: .init())))
        }
        let proof = ForeignRequest.proof
        #expect(try complaint(.post, [:]) == nil, "no browser")
        #expect(try complaint(.post, ["origin": "http://hooks.example:80", proof: "1"]) == nil)
        #expect(
            try complaint(
                .post, ["sec-fetch-site": "same-origin", "origin": "https://public.example", proof: "1"])
                == nil)
        #expect(try complaint(.get, ["sec-fetch-site": "none"]) == nil)
        #expect(try complaint(.get, ["sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"]) == nil)
        #expect(try complaint(.get, ["sec-fetch-site": "cross-site", "sec-fetch-mode": "cors"]) != nil)
        #expect(
            try complaint(.post, ["sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", proof: "1"])
                != nil)
        #expect(try complaint(.post, ["sec-fetch-site": "same-site", proof: "1"]) != nil)
        #expect(try complaint(.post, ["origin": "http://evil.example", proof: "1"]) != nil)
        #expect(try complaint(.post, ["origin": "null", proof: "1"]) != nil)
        #expect(try complaint(.post, ["sec-fetch-site": "same-origin"]) != nil, "a form")
        #expect(try complaint(.post, ["cookie": "mwdb_webhooks=x"]) != nil, "a form of an old browser")
    }

    @Test("Over TCP the tokens in the file decide, from the moment they are there")
    func tokensInForce() async throws {
        try await ServerFixture.run(withAccess: true) { server in
            func status(_ path: String, _ headers: [String] = [], method: String = "GET") async throws
                -> Int
            {
                try await RawConnection.request(method, path, headers: headers, to: server.tcp).status
            }
            let path = server.folder + "/token"
            try await #expect(status("/api/status") == 404)
            try await #expect(status("/") == 404)
            try tokens.write(path)
            try await #expect(status("/api/status") == 401)
            try await #expect(status("/") == 200)
            let viewer = ["authorization: Bearer " + tokens.viewer]
            let `operator` = ["authorization: bearer " + tokens.operator]
            try await #expect(status("/api/status", viewer) == 200)
            try await #expect(status("/api/plugins/hello_world/pause", viewer, method: "POST") == 403)
            #expect(server.control.calls.isEmpty)
            try await #expect(status("/api/plugins/hello_world/pause", `operator`, method: "POST") == 200)
            #expect(server.control.script.withLock { $0.audited } == ["pause: hello_world"])
            try await #expect(status("/api/status", ["authorization: Basic eDp5"]) == 401)
            try AccessTokens.random().write(path)
            try await #expect(status("/api/status", viewer) == 401)
            unlink(path)
            try await #expect(status("/api/status", viewer) == 404)
            try await #expect(status("/healthz") == 200)
        }
    }
}
