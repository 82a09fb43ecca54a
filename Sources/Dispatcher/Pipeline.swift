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
    let posted: PostedEvents
    let spool: SpoolFolder
    private let spoolLock: SpoolLock
    let samples: SampleStore
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
                append: { arrivals, completion in
                    outbox.append(arrivals) { result in
                        disk.note(result.error)
                        completion(result)
                    }
                }))
        posted = PostedEvents(outbox: outbox, limit: limit, route: route, disk: disk)
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

    /// Settings in force.
    package var settings: Settings { state.withLock { $0.settings } }

    /// Whether events can be made durable; nil, or why not.
    package var notReadyBecause: String? {
        switch state.withLock({ $0.phase }) {
        case .starting: "starting"
        case .stopping: "stopping"
        case .broken(let reason): reason
        case .ready: disk.problem
        }
    }

    /// Whether events can be made durable.
    package var isReady: Bool { notReadyBecause == nil }
}
