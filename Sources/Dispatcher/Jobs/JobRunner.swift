// Carries out operators' jobs, each at its pace, in a task of its own. What a job did and how far it came is in the
// outbox; here is only who does the next part. So a job goes on after a crash where it was, and nothing is done twice.
// Failure: a full disk and a silent MWDB are waited for; what somebody has to mend stops the job and is its problem.

import Logging
import Mailbox
import Model
import Outbox
import Settings

/// Runs jobs until they are through or stopped.
final class JobRunner: Sendable {
    /// What it works with.
    struct Surroundings: Sendable {
        var outbox: Outbox
        /// A steady clock.
        var now: @Sendable () -> Timestamp
        var log: Logger
        /// Settings in force.
        var settings: @Sendable () -> Settings
        /// Name of a plugin.
        var name: @Sendable (PluginNumber) -> String?
        /// Tries suspended receivers of these queues at once.
        var wake: @Sendable (Set<PluginNumber>?) -> Void
        /// Runs an operation while this queue has nothing claimed but what is being sent.
        var holding:
            @Sendable (PluginNumber, @Sendable () async throws -> JobRecord?) async throws -> JobRecord?
        /// `source` of events that we make in MWDB's place.
        var source: @Sendable () -> String
    }

    /// Most deliveries of one slice: outcomes and new events wait for it.
    static let slice = 250
    /// For so long a cancel holds a queue at a time.
    private static let hold = Span.milliseconds(50)

    let surroundings: Surroundings
    private let running = Lock<[Int64: Running]>([:])

    private struct Running {
        var task: Task<Void, Never>
        /// It was resumed while its task was perhaps just ending.
        var isWantedAgain = false
    }

    init(_ surroundings: Surroundings) {
        self.surroundings = surroundings
    }

    /// Goes on with every job that runs: at the daemon's start.
    func start() async throws(OutboxError) {
        for job in try await surroundings.outbox.runningJobs() { run(job) }
    }

    /// Carries a job out. One that is being carried out already is looked at once more when that ends.
    func run(_ job: JobRecord) {
        running.withLock { running in
            guard running[job.id] == nil else {
                running[job.id]?.isWantedAgain = true
                return
            }
            running[job.id] = Running(
                task: Task {
                    var next: JobRecord? = job
                    while let job = next {
                        await self.carryOut(job)
                        next = await self.wantedAgain(job.id)
                    }
                })
        }
    }

    /// The job, if it runs again though its task is through.
    private func wantedAgain(_ id: Int64) async -> JobRecord? {
        while true {
            let isWanted = running.withLock { running in
                guard running[id]?.isWantedAgain == true, !Task.isCancelled else {
                    running[id] = nil
                    return false
                }
                running[id]?.isWantedAgain = false
                return true
            }
            guard isWanted else { return nil }
            // An outbox that cannot be asked any more has nobody whose job could go on.
            let jobs = (try? await surroundings.outbox.runningJobs()) ?? []
            if let job = jobs.first(where: { $0.id == id }) { return job }
        }
    }

    /// Breaks off what is being carried out, and waits for it. The jobs stay as they are stored.
    func stop() async {
        let tasks = running.withLock { $0.values.map(\.task) }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }

    private func carryOut(_ job: JobRecord) async {
        do {
            switch job.order {
            case .backfill(let order)?:
                var backfill = Backfill(job, order, surroundings)
                try await backfill.run()
            case .retry(let filter)?:
                surroundings.wake(filter.queue.map { [$0] })
                try await advance(job)
            case .cancel?, .replay?, nil: try await advance(job)
            }
        } catch {
            // The daemon ends, or cannot store anything any more: the job is as it was stored.
            guard !(error is CancellationError), error as? OutboxError != .closed else { return }
            surroundings.log.error(
                "a job was broken off; it goes on at the next start",
                metadata: ["job": "\(job.id)", "reason": "\(error)"])
        }
    }

    private func advance(_ job: JobRecord) async throws {
        var job = job
        var pace = job.pace(at: surroundings.now())
        while job.state == .running {
            try Task.checkCancellation()
            let limit = min(pace?.allowance(at: surroundings.now()) ?? Self.slice, Self.slice)
            guard limit > 0 else {
                try await sleep(pace?.wait ?? .milliseconds(0))
                continue
            }
            let before = job.done
            do {
                guard let next = try await step(job, by: limit) else { return }
                job = next
            } catch OutboxError.full {
                try await sleep(.seconds(5))
            }
            pace?.spend(Int(job.done - before))
        }
    }

    private func step(_ job: JobRecord, by limit: Int) async throws -> JobRecord? {
        let outbox = surroundings.outbox
        guard let queue = job.cancelledQueue else { return try await outbox.advanceJob(job.id, by: limit) }
        let start = surroundings.now()
        let now = surroundings.now
        // What is claimed and waits to be sent must not be sent after it was called off.
        let next = try await surroundings.holding(queue) {
            var next = job
            repeat {
                guard let job = try await outbox.advanceJob(job.id, by: limit) else { return nil }
                next = job
            } while next.rate == nil && next.state == .running && next.cancelledQueue == queue
                && now() - start < Self.hold
            return next
        }
        // As long again for what the plugin is to send: a cancel of a few among millions must not stop it.
        if next?.state == .running { try await sleep(surroundings.now() - start) }
        return next
    }
}

extension JobRecord {
    /// Its pace from `now` on; nil: as fast as it goes. What was stored was checked before.
    func pace(at now: Timestamp) -> JobPace? {
        rate.flatMap { try? Rate(parsing: $0) }.map { JobPace(rate: $0, now: now) }
    }
}

/// Waits for at most a second: whoever waits looks at the clock again.
func sleep(_ span: Span) async throws {
    try await Task.sleep(for: .milliseconds(min(max(span.milliseconds, 1), 1_000)))
}
