// One backfill under way: lists MWDB's objects, asks for each one, makes its event, and takes some of them into the
// outbox together with the place where the walk goes on.
// Failure: while MWDB is silent or overloaded it waits, longer each time; what an operator has to mend stops the job.

import Model
import Outbox
import Settings

/// A backfill that is being carried out.
struct Backfill {
    /// Objects of a page of MWDB's list.
    private static let pageSize = 100
    /// Objects that are stored together.
    private static let chunk = 25
    /// Questions that MWDB gets at a time.
    private static let parallel = 4

    private var job: JobRecord
    private let order: BackfillOrder
    private let surroundings: JobRunner.Surroundings
    private var cursor: BackfillCursor
    private var pace: JobPace?
    private var failures = 0

    init(_ job: JobRecord, _ order: BackfillOrder, _ surroundings: JobRunner.Surroundings) {
        self.job = job
        self.order = order
        self.surroundings = surroundings
        cursor = BackfillCursor(job.position)
        pace = job.pace(at: surroundings.now())
    }

    /// Works until the job is through or stopped.
    mutating func run() async throws {
        let client = try MWDBClient()
        defer { client.stop() }
        // Objects of the page that were not looked at yet; nil: there are no more pages.
        var page: [Found]? = []
        while job.state == .running {
            try Task.checkCancellation()
            do {
                let (plugin, plan) = try purpose()
                if page?.isEmpty == true { page = try await list(plan, client) }
                guard let found = page else {
                    try await store([], examined: 0, isLast: true)
                    return
                }
                let limit = min(pace?.allowance(at: surroundings.now()) ?? Self.chunk, Self.chunk)
                guard limit > 0 else {
                    try await sleep(pace?.wait ?? .milliseconds(0))
                    continue
                }
                let chunk = Array(found.prefix(limit))
                let arrivals = try await arrivals(of: chunk, plugin, plan, client)
                cursor.advance(over: chunk.map(\.id))
                try await store(arrivals, examined: chunk.count, isLast: false)
                page = Array(found.dropFirst(chunk.count))
                failures = 0
            } catch let problem as MWDBClient.Problem {
                try await bear(problem)
            } catch let problem as PipelineError {
                try await bear(.lasting(problem.description))
            }
        }
    }

    /// An object of MWDB's list.
    private struct Found: Sendable {
        var id: String
        var kind: BackfillPlan.Kind?
    }

    /// The plugin as it is configured now, and what it wants.
    private func purpose() throws(PipelineError) -> (Plugin, BackfillPlan) {
        guard let name = surroundings.name(order.plugin), let plugin = surroundings.settings().plugin(name),
            plugin.enabled
        else {
            throw PipelineError("the plugin is not enabled any more: enable it, reload, then resume this job")
        }
        return (plugin, try BackfillPlan(plugin: plugin, hook: order.hook))
    }

    /// The next page's objects that were not seen yet; nil when there are none.
    private mutating func list(_ plan: BackfillPlan, _ client: MWDBClient) async throws -> [Found]? {
        while true {
            let path = plan.listPath(order.query, olderThan: cursor.pivot, count: Self.pageSize)
            let answer: JSON
            do throws(MWDBClient.Problem) {
                answer = try await client.get(path, surroundings.settings().mwdb)
            } catch {
                guard error == .notFound, cursor.pivot != nil else { throw error }
                cursor.losePivot()
                continue
            }
            guard case .array(let rows)? = answer["\(plan.listed)s"] else {
                throw MWDBClient.Problem.passing("MWDB's list has no '\(plan.listed)s'")
            }
            var kinds: [String: BackfillPlan.Kind] = [:]
            let ids = rows.compactMap { row -> String? in
                guard let id = row["id"]?.text else { return nil }
                kinds[id] = row["type"]?.text.flatMap(BackfillPlan.Kind.init(type:))
                return id
            }
            let fresh = cursor.fresh(ids)
            return fresh.isEmpty ? nil : fresh.map { Found(id: $0, kind: kinds[$0]) }
        }
    }

    /// The events of these objects that the plugin wants. One that is gone meanwhile has none.
    private func arrivals(
        of chunk: [Found], _ plugin: Plugin, _ plan: BackfillPlan, _ client: MWDBClient
    ) async throws -> [Arrival] {
        let router = Router(
            plugins: [(order.plugin, plugin)], ignoredActors: [],
            mwdb: surroundings.settings().mwdb.map { ($0.url, $0.publicURL) })
        let maker = BackfillEvent(source: surroundings.source(), plugin: plugin.name)
        let mwdb = surroundings.settings().mwdb
        let limit = surroundings.settings().maximumEventSize
        let ask: @Sendable (Int) async throws -> (Int, Arrival?) = { place in
            let found = chunk[place]
            guard let kind = found.kind, let hook = plan.hooks[kind] else { return (place, nil) }
            let object: JSON
            do throws(MWDBClient.Problem) {
                object = try await client.get("/\(kind.rawValue)/\(PercentEncoding.encode(found.id))", mwdb)
            } catch {
                guard error == .notFound else { throw error }
                return (place, nil)
            }
            let event = try maker.make(object, kind, hook: hook)
            guard event.body.count <= limit else { return (place, nil) }
            let arrival = router.arrival(of: event)
            return (place, arrival.plugins.isEmpty ? nil : arrival)
        }
        return try await withThrowingTaskGroup(of: (Int, Arrival?).self) { group in
            var next = 0
            var made: [Int: Arrival] = [:]
            while next < min(Self.parallel, chunk.count) {
                group.addTask { [next] in try await ask(next) }
                next += 1
            }
            while let (place, arrival) = try await group.next() {
                made[place] = arrival
                guard next < chunk.count else { continue }
                group.addTask { [next] in try await ask(next) }
                next += 1
            }
            return chunk.indices.compactMap { made[$0] }
        }
    }

    private mutating func store(_ arrivals: [Arrival], examined: Int, isLast: Bool) async throws {
        while true {
            let before = job.done
            do throws(OutboxError) {
                guard
                    let next = try await surroundings.outbox.advanceJob(
                        job.id, with: arrivals, examined: examined, position: cursor.description,
                        isLast: isLast)
                else { throw .closed }
                job = next
                pace?.spend(Int(job.done - before))
                return
            } catch {
                guard case .full = error else { throw error }
                try await sleep(.seconds(1))
            }
        }
    }

    private mutating func bear(_ problem: MWDBClient.Problem) async throws {
        // The daemon ends: nothing is wrong with MWDB.
        try Task.checkCancellation()
        switch problem {
        case .passing(let reason):
            failures += 1
            let wait = Span.seconds(min(60, 1 << min(failures - 1, 6)))
            try await note(.running, "\(reason); trying again")
            for _ in 0..<wait.milliseconds / 1000 { try await sleep(.seconds(1)) }
        case .lasting(let reason): try await note(.failed, reason)
        case .notFound: try await note(.failed, "MWDB has no such search: is [mwdb] url right?")
        }
    }

    private mutating func note(_ state: JobState, _ reason: String) async throws {
        let problem = surroundings.settings().redaction.redact(reason)
        if let next = try await surroundings.outbox.setJob(job.id, state, problem: problem) { job = next }
    }
}
