// The gate before every operation: over TCP a token's role, over the unix socket its mode, and the checks that no page
// of somebody else is behind the request.

import Hummingbird
import Model

extension Interface {
    /// Lets the request pass to `route`, and says who makes it.
    /// - Throws: `Problem` 401, 403, 421 or 429.
    func admit(_ request: Request, to route: Route, isPublic: Bool, peer: Peer) async throws -> Caller {
        guard !route.isPublic else { return .unknown }
        if let complaint = ForeignRequest.complaint(about: request) { throw Problem(403, complaint) }
        guard isPublic else {
            if let complaint = HostCheck.local.complaint(about: request.head.authority) {
                throw Problem(421, complaint)
            }
            // Nobody asks the system for a name that is not written down.
            let name = route.role == .operator ? await peer.user : "unix"
            return Caller(name: name, role: .operator)
        }
        guard !route.isPage, let access else { return .unknown }
        let caller = try access.caller(of: request, from: peer.address)
        guard caller.role >= route.role else {
            throw Problem(403, "a viewer's token changes nothing; log in with the operator's")
        }
        return caller
    }

    /// Writes an action into the audit log. What was done stays done if that fails; then the log has it.
    func record(_ caller: Caller, _ what: String, _ detail: String) async {
        log.notice(
            "Operator's action",
            metadata: ["action": .string(what), "detail": .string(detail), "who": .string(caller.name)])
        do {
            try await control.audit(who: caller.name, what: what, detail: detail)
        } catch {
            log.error(
                "An action could not be written into the audit log",
                metadata: ["action": .string(what), "reason": "\(error)"])
        }
    }
}
