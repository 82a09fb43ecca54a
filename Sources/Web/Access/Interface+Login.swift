// Logging in and out in a browser, and who is logged in. The token goes in once and comes back as a cookie that no
// script can read.

import Hummingbird
import Model

extension Interface {
    var loginRoutes: [Route] {
        [
            Route(
                method: .post, path: "/login", name: "login", summary: "Exchange a token for a session",
                isPage: true, answers: [], respond: login),
            Route(
                method: .post, path: "/logout", name: "logout", summary: "End the session",
                isPage: true, answers: [],
                respond: { call in
                    var response = Response.json(.members(["role": .null]))
                    response.headers[.setCookie] = Session.cookie("", isSecure: isSecure(call.request))
                    return response
                }),
            Route(
                method: .get, path: "/api/session", name: "session",
                summary: "Who asks, what they may do, and what a page needs to know",
                answers: [
                    .init(status: 200, type: "application/json", schema: "Object", meaning: "The session")
                ],
                respond: { call in .json(session(call.caller)) }),
        ]
    }

    private func session(_ caller: Caller) -> JSON {
        .members([
            "name": .string(caller.name), "role": .string(caller.role.rawValue),
            "version": .string(Product.version),
            "mwdb_public_url": .text(control.settings.mwdb?.publicURL),
            "hooks": .array((Hook.all + Hook.operational).map { .string($0.name) }),
        ])
    }

    private func login(_ call: Call) async throws -> Response {
        guard let access else { throw Problem(404, "nobody has to log in here") }
        let bytes = try await call.body.collect(upTo: 4096)
        guard let token = (try? JSON.parse(bytes))?["token"]?.text, !token.isEmpty else {
            throw Problem(400, "'token' is missing")
        }
        let (caller, value) = try access.login(token, from: Peer(call.body.channel).address)
        await record(caller, "login", caller.role.rawValue)
        var response = Response.json(session(caller))
        response.headers[.setCookie] = Session.cookie(value, isSecure: isSecure(call.request))
        return response
    }

    /// The browser sees TLS, whoever ends it.
    private func isSecure(_ request: Request) -> Bool {
        request.headers[.origin]?.hasPrefix("https://") ?? false
    }
}
