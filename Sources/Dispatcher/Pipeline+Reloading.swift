// A configuration in force: at the start, and whenever the operator has another.

import Model
import Outbox
import Settings

extension Pipeline {
    /// Applies a new configuration; what needs a restart stays as it is, and is what the warnings are about.
    /// - Throws: `PipelineError`; the old configuration then stays.
    @discardableResult
    package func reload(_ settings: Settings) async throws -> [SettingsProblem] {
        guard state.withLock({ $0.phase }) == .ready else {
            throw PipelineError("cannot reload: \(notReadyBecause ?? "not ready")")
        }
        let task = state.withLock { state in
            let last = state.reloading
            let task = Task {
                _ = await last?.result
                return try await self.apply(changed: settings)
            }
            state.reloading = task
            return task
        }
        do {
            return try await task.value
        } catch {
            throw PipelineError("\(error)")
        }
    }

    private func apply(changed settings: Settings) async throws -> [SettingsProblem] {
        var settings = settings
        let old = self.settings
        var stays: [(key: String, value: String)] = []
        if settings.spool != old.spool { stays.append(("spool", old.spool)) }
        if settings.outbox != old.outbox { stays.append(("outbox", old.outbox)) }
        if settings.listen != old.listen {
            stays.append(("listen", old.listen.map(\.description).joined(separator: ", ")))
        }
        (settings.spool, settings.outbox, settings.listen) = (old.spool, old.outbox, old.listen)
        try await apply(settings)
        return stays.map { key, value in
            SettingsProblem(
                .warning, section: "webhooks", key: key,
                message: "was changed, which needs a restart: \(value) stays in force",
                suggestion: "Restart the daemon, or write the old value back")
        }
    }

    /// Registers the plugins, tells MWDB's source what is wanted, and has dispatch work by these settings.
    func apply(_ settings: Settings) async throws {
        let records = try await outbox.register(settings.plugins.map(\.name))
        let numbers = Dictionary(records.map { ($0.name, $0.number) }) { first, _ in first }
        let plugins = settings.plugins.compactMap { plugin in numbers[plugin.name].map { ($0, plugin) } }
        let router = Router(
            plugins: plugins, ignoredActors: settings.mwdb?.ignoredLogins ?? [],
            mwdb: settings.mwdb.map { ($0.url, $0.publicURL) })
        try spool.replace(
            "subscriptions.json", in: spool.path, with: settings.subscriptions.serialised(), mode: 0o644)
        state.withLock { state in
            state.settings = settings
            state.router = router
            state.numbers = numbers
        }
        try await putInOrder(plugins, records)
        dispatch.post(
            .configure(
                DispatchConfiguration(
                    plugins: Dictionary(plugins) { first, _ in first }, records: records,
                    mwdb: settings.mwdb, redaction: settings.redaction)))
        for record in records
        where record.number != .mwdb && settings.plugin(record.name)?.enabled != true && record.pending > 0 {
            log.warning(
                "plugin not enabled: its backlog is held",
                metadata: ["plugin": "\(record.name)", "deliveries": "\(record.pending)"])
        }
    }
}

extension PluginRecord {
    /// Deliveries that wait.
    var pending: Int64 {
        [.ready, .waiting, .started, .blocked].reduce(0) { $0 + (counts[$1] ?? 0) }
    }
}
