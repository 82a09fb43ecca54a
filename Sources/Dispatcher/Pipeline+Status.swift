// How the dispatcher does.

import Model
import Outbox

extension Pipeline {
    /// How each queue stands, without what only the outbox knows; cheap enough to ask often.
    package func figures() async -> [PluginStatus] {
        await dispatch.report().values.map { $0 }
    }

    /// One status a plugin, MWDB's write-backs last.
    package func statuses() async throws -> [PluginStatus] {
        let reports = await dispatch.report()
        var statuses: [PluginStatus] = []
        let records = try await reader.plugins()
        for record in records.filter({ $0.number != .mwdb }) + records.filter({ $0.number == .mwdb }) {
            var status = reports[record.number] ?? PluginStatus(name: record.name, state: .disabled)
            status.name = record.name
            status.counts = record.counts
            status.oldestPending = try await reader.oldestPending(record.number)
            status.nextRetry = try await reader.nextDue(record.number)
            statuses.append(status)
        }
        return statuses
    }
}
