// Decides over TCP who calls: a bearer token, or the cookie that a browser got for one. The tokens' file is looked at
// again when it changes, so that `token --rotate` needs no restart.
// Failure: without readable tokens TCP serves probes and metrics only, and the log says why once.

import Glibc
import Hummingbird
import Logging
import Mailbox
import Model

/// Access over TCP.
package final class Access: Sendable {
    private struct State {
        var tokens: AccessTokens?
        var identity: [Int64] = [-1]
        var limit = AttemptLimit()
    }

    private let path: String
    private let log: Logger
    private let now: @Sendable () -> Timestamp
    private let state = Lock(State())

    /// Access by the tokens in the file at `path`.
    package init(path: String, log: Logger, now: @escaping @Sendable () -> Timestamp = systemTime) {
        self.path = path
        self.log = log
        self.now = now
    }

    /// Makes the tokens unless they are there.
    /// - Throws: `AccessTokensError`.
    package func prepare() throws(AccessTokensError) {
        if try AccessTokens.read(path) == nil { try AccessTokens.random().write(path) }
    }

    /// The tokens in force; nil: there are none.
    var tokens: AccessTokens? {
        var information = stat()
        let identity: [Int64] =
            lstat(path, &information) == 0
            ? [
                Int64(information.st_ino), Int64(information.st_size), Int64(information.st_mode),
                Int64(information.st_mtim.tv_sec), Int64(information.st_mtim.tv_nsec),
            ] : []
        return state.withLock { state in
            guard identity != state.identity else { return state.tokens }
            state.identity = identity
            do {
                state.tokens = try AccessTokens.read(path)
            } catch {
                state.tokens = nil
                log.error(
                    "No access over TCP but for probes and metrics", metadata: ["reason": "\(error)"])
            }
            return state.tokens
        }
    }

    /// Who calls.
    /// - Throws: `Problem` 401 or 429.
    func caller(of request: Request, from address: String) throws(Problem) -> Caller {
        guard let tokens else { throw Problem(401, "there are no tokens") }
        if let token = bearer(request) {
            let role = try role(of: token, from: address)
            return Caller(name: name(role, address), role: role)
        }
        let moment = now()
        let values = Session.values(inCookies: request.headers[.cookie] ?? "")
        for value in values {
            guard let role = Session.role(of: value, tokens: tokens, now: moment) else { continue }
            return Caller(name: name(role, address), role: role)
        }
        guard request.headers[.authorization] == nil else {
            throw Problem(401, "the authorization must be: Bearer TOKEN")
        }
        throw Problem(
            401, "log in, or send authorization: Bearer TOKEN; `mwdb-webhooks token` shows the tokens")
    }

    /// The token that a program sends. Another scheme's credentials are a proxy's, which asks for them itself.
    private func bearer(_ request: Request) -> Substring? {
        let parts = (request.headers[.authorization] ?? "").split(separator: " ", maxSplits: 1)
        return parts.count == 2 && parts[0].lowercased() == "bearer" ? parts[1] : nil
    }

    /// The role of a token, and a session for it.
    /// - Throws: `Problem` 401 or 429.
    func login(_ token: String, from address: String) throws(Problem) -> (caller: Caller, session: String) {
        let role = try role(of: token[...], from: address)
        guard let tokens else { throw Problem(401, "there are no tokens") }
        return (
            Caller(name: name(role, address), role: role), Session.value(role, tokens: tokens, now: now())
        )
    }

    private func name(_ role: Role, _ address: String) -> String { "\(role.rawValue) token from \(address)" }

    private func role(of token: Substring, from address: String) throws(Problem) -> Role {
        // Behind a proxy all have one address: who has the right token does not wait for those who had a wrong one.
        if let role = tokens?.role(of: token) { return role }
        let moment = now()
        if let seconds = state.withLock({ $0.limit.wait(address, now: moment) }) {
            var problem = Problem(429, "too many wrong tokens from \(address); wait \(seconds) s")
            problem.retryAfter = seconds
            throw problem
        }
        state.withLock { $0.limit.fail(address, now: moment) }
        log.warning("Wrong token", metadata: ["peer.address": .string(address)])
        throw Problem(401, "this token is wrong; `mwdb-webhooks token` shows the right ones")
    }
}
