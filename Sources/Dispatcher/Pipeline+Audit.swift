// The audit log: who did what to what, durable beside the deliveries it concerns.

import Outbox

extension Pipeline {
    /// Adds a line to the audit log.
    package func audit(who: String, what: String, detail: String) async throws {
        try await outbox.audit(who: who, what: what, detail: detail)
    }
}
