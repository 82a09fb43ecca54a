// A configuration in force: at the start, and whenever the operator has another.

import Model
import Outbox
import Settings

extension Pipeline {
    /// Applies a new configuration; what needs a restart stays as it is and is named in the log.
    /// - Throws: `PipelineError`; the old configuration then stays.
    package func reload(_ settings: Settings) async throws {
        guard state.withLock({ $0.phase }) == .ready else {
            throw PipelineError("cannot reload: \(notReadyBecause ?? "not ready")")
        }
        let task = state.withLock { state in
            let last = state.reloading
            let task = Task {
                _ = await last?.result
                try await self.apply(changed: settings)
            }
            state.reloading = task
            return task
        }
        do {
            try await task.value
        } catch {
            throw PipelineError("\(error)")
        }
    }

    private func apply(changed settings: Settings) async throws {
        var settings = settings
        let old = self.settings
        if settings.spool != old.spool || settings.outbox != old.outbox || settings.listen != old.listen {
            log.warning("spool, outbox and listen need a restart: the old ones stay")
            (settings.spool, settings.outbox, settings.listen) = (old.spool, old.outbox, old.listen)
        }
        try await apply(settings)
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
