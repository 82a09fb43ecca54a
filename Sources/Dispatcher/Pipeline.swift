// The whole way of an event on one page: intake → outbox → dispatch → delivery → outcome.
// Failure: what cannot be made durable is not acknowledged; a broken outbox stops the daemon.

import Courier
import Glibc
import Logging
import Mailbox
import Model
import Outbox
import Settings

/// The running dispatcher.
package final class Pipeline: Sendable {
    /// For commands, API and dashboard: reads beside the daemon's own work.
    package let reader: OutboxReader

    let outbox: Outbox
    private let courier: Courier
    let dispatch: Dispatch
    private let spoolIntake: SpoolIntake
    private let posted: PostedEvents
    private let spool: SpoolFolder
    private let spoolLock: SpoolLock
    private let samples: SampleStore
    let figures: Lock<IntakeFigures>
    let disk: DiskWatch
    let notices = Lock(NoticeRules())
    let jobs: JobRunner
    let clock: Clock
    let log: Logger
    let state: Lock<PipelineState>

    /// Opens spool, outbox and courier; nothing moves before `start`.
    /// - Parameter onBroken: Called when nothing can be made durable any more: the daemon must exit.
    /// - Throws: `PipelineError` with the remedy in words.
    package convenience init(
        settings: Settings, log: Logger, onBroken: @escaping @Sendable (String) -> Void
    ) throws(PipelineError) {
        try self.init(settings: settings, log: log, clock: .system, onBroken: onBroken)
    }

    init(
        settings: Settings, log: Logger, clock: Clock, onBroken: @escaping @Sendable (String) -> Void
    ) throws(PipelineError) {
        self.log = log
        self.clock = clock
        let state = Lock(PipelineState(settings: settings))
        let spool = SpoolFolder(path: settings.spool)
        let dispatch = Dispatch()
        do {
            try spool.prepare()
            spoolLock = try SpoolLock(spool)
            outbox = try Outbox(
                directory: settings.outbox, now: clock.wall,
                onClaims: { dispatch.post(.claims($0)) },
                onBroken: { error in
                    state.withLock { $0.phase = .broken("\(error)") }
                    onBroken("\(error)")
                })
            reader = try OutboxReader(directory: settings.outbox, now: clock.wall)
            samples = SampleStore(
                spool: spool, fetched: settings.outbox + "/content",
                reserve: { state.withLock { $0.settings.minimumFreeSpace } })
            try samples.prepare()
            courier = try Courier { dispatch.post(.replies($0)) }
        } catch let error as PipelineError {
            throw error
        } catch {
            throw PipelineError("\(error)")
        }
        let disk = DiskWatch(
            outbox: settings.outbox, clock: clock,
            least: { state.withLock { $0.settings.minimumFreeSpace } })
        let figures = Lock(IntakeFigures())
        self.figures = figures
        let route: @Sendable (Event) -> Arrival = { event in
            figures.withLock { $0.sizes.add(Int64(event.body.count)) }
            if Hook.named(event.type) == nil { Pipeline.noteUnknown(event.type, state, log) }
            return state.withLock { $0.router }.arrival(of: event)
        }
        let limit: @Sendable () -> Int = { state.withLock { $0.settings.maximumEventSize } }
        let outbox = outbox
        spoolIntake = SpoolIntake(
            SpoolIntake.Surroundings(
                spool: spool, lineLimit: limit, figures: figures, log: log, clock: clock, route: route,
                refusal: { disk.refusal },
                append: { arrivals, completion in outbox.append(arrivals, completion: completion) }))
        posted = PostedEvents(outbox: outbox, limit: limit, route: route, refusal: { disk.refusal })
        jobs = JobRunner(
            JobRunner.Surroundings(
                outbox: outbox, now: clock.steady, log: log, settings: { state.withLock { $0.settings } },
                name: { number in state.withLock { $0.numbers.first { $0.value == number }?.key } },
                wake: { dispatch.post(.wake($0)) },
                holding: { queue, operation in try await dispatch.holding([queue], operation) },
                source: { Pipeline.source(heartbeats: spool.heartbeat) }))
        self.state = state
        self.spool = spool
        self.dispatch = dispatch
        self.disk = disk
    }

    /// Registers the plugins, tells MWDB's source what is wanted, and sets everything going.
    /// - Throws: `PipelineError`.
    package func start() async throws {
        do {
            try dispatch.start(
                outbox: outbox, courier: courier, samples: samples, log: log, clock: clock,
                notices: notices)
            try await apply(settings)
            try spoolIntake.start()
            try await jobs.start()
        } catch {
            // Threads that run would keep the outbox locked.
            await stop(within: .milliseconds(0))
            throw error as? PipelineError ?? PipelineError("\(error)")
        }
        let housekeeping = Task { await keepHouse() }
        let announcing = Task { [announcer] in await announcer.run() }
        let isWanted = state.withLock { state in
            state.housekeeping = housekeeping
            state.announcing = announcing
            if state.phase == .starting { state.phase = .ready }
            return state.phase == .ready
        }
        if !isWanted {
            housekeeping.cancel()
            announcing.cancel()
        }
    }

    /// Stops intake, lets what is in flight finish for at most `limit`, gives the rest back, closes the outbox.
    /// Does not fail, and may be called more than once.
    package func stop(within limit: Span) async {
        let tasks = state.withLock { state in
            state.phase = .stopping
            return [state.housekeeping, state.announcing].compactMap { $0 }
        }
        for task in tasks { task.cancel() }
        await jobs.stop()
        spoolIntake.stop()
        let dispatch = dispatch
        let overdue = Task {
            try await Task.sleep(for: .milliseconds(limit.milliseconds))
            dispatch.post(.abort)
        }
        await dispatch.drain()
        overdue.cancel()
        courier.stop()
        dispatch.stop()
        reader.close()
        // What these tasks wait for ends with the outbox.
        outbox.close()
        for task in tasks { await task.value }
        spoolLock.release()
    }

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

    /// Settings in force.
    package var settings: Settings { state.withLock { $0.settings } }

    /// Whether events can be made durable; nil, or why not.
    package var notReadyBecause: String? {
        switch state.withLock({ $0.phase }) {
        case .starting: "starting"
        case .stopping: "stopping"
        case .broken(let reason): reason
        case .ready: disk.refusal
        }
    }

    /// Whether events can be made durable.
    package var isReady: Bool { notReadyBecause == nil }

    /// Takes events over HTTP: one JSON event, or with `lines` one a line; all or nothing.
    package func accept(_ body: [UInt8], lines: Bool) async -> IntakeAnswer {
        guard state.withLock({ $0.phase }) == .ready else {
            return .unavailable(notReadyBecause ?? "not ready")
        }
        let answer = await posted.accept(body, lines: lines)
        figures.withLock { figures in
            switch answer {
            case .accepted(let count, let duplicates):
                figures.accepted += Int64(count)
                figures.duplicates += Int64(duplicates)
            case .invalid(let problems): figures.rejected += Int64(problems.count)
            case .conflict(let problems): figures.conflicts += Int64(problems.count)
            case .tooLarge, .unavailable: break
            }
        }
        return answer
    }

    /// Intake's counters, and what MWDB's source left in the spool.
    package func intakeFigures() -> IntakeFigures {
        var figures = figures.withLock { $0 }
        let names = (try? folderNames(spool.heartbeat)) ?? []
        figures.sources = Int64(names.count)
        figures.lastHeartbeat = names.compactMap { name in
            var information = stat()
            guard lstat(spool.heartbeat + "/" + name, &information) == 0 else { return nil }
            return Int64(information.st_mtim.tv_sec) * 1000
        }.max()
        figures.refusedBecause = disk.refusal
        return figures
    }

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

// MARK: Steps of starting, reloading and cleaning

extension Pipeline {
    private func apply(_ settings: Settings) async throws {
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

    private func keepHouse() async {
        let housekeeping = Housekeeping(
            outbox: outbox, reader: reader, spool: spool, samples: samples, log: log, now: clock.wall)
        var nextRound = clock.steady()
        var nextRoom = nextRound
        while !Task.isCancelled {
            let start = clock.steady()
            if nextRoom <= start {
                let hasRoom = await housekeeping.makeRoom(orders)
                // Where nothing could be released, looking again at once would not help.
                nextRoom = clock.steady() + (hasRoom ? .seconds(5) : .minutes(1))
            }
            if nextRound <= start {
                await housekeeping.round(orders)
                // A large spool takes long to look through: at most a twentieth of the time goes into that.
                let took = (clock.steady() - start).milliseconds
                nextRound = start + max(.minutes(1), .milliseconds(took * 20))
            }
            // Cancelled: the loop ends.
            try? await Task.sleep(for: .seconds(5))
        }
    }

    private var orders: Housekeeping.Orders {
        let settings = settings
        return Housekeeping.Orders(
            retention: settings.retention, takenUntil: figures.withLock { $0.takenUntil },
            room: settings.mwdb?.apiKey == nil ? nil : 2 * settings.minimumFreeSpace)
    }

    /// Logs once that there is a hook which this version does not know.
    private static func noteUnknown(_ hook: String, _ state: Lock<PipelineState>, _ log: Logger) {
        let isNew = state.withLock { state in
            state.unknownHooks.count < 100 && state.unknownHooks.insert(hook).inserted
        }
        if isNew {
            log.notice(
                "MWDB has a hook that this version does not know: it goes to plugins subscribed to *",
                metadata: ["event.type": "\(hook)"])
        }
    }

    /// The number of the plugin `name`.
    /// - Throws: `PipelineError` when there is none.
    func number(of name: String) throws(PipelineError) -> PluginNumber {
        if name == "mwdb" { return .mwdb }
        guard let number = state.withLock({ $0.numbers[name] }) else {
            throw PipelineError("there is no plugin '\(name)'; `mwdb-webhooks plugins` lists them")
        }
        return number
    }

    /// Tells the dispatch thread.
    func tell(_ message: DispatchMessage) {
        dispatch.post(message)
    }
}

extension PluginRecord {
    /// Deliveries that wait.
    var pending: Int64 {
        [.ready, .waiting, .started, .blocked].reduce(0) { $0 + (counts[$1] ?? 0) }
    }
}
