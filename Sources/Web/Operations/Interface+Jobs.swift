// /api/jobs: what an operator does to many deliveries or events at a pace of his choice. A job is stored before it is
// answered; it goes on whoever asks, over restarts too, until it is through or stopped.

import Dispatcher
import Hummingbird
import Model
import Outbox

extension Interface {
    private static let orderMembers = [
        "kind", "plugin", "state", "hook", "object", "since", "until", "status", "new_id", "query", "all",
        "rate",
        "dry_run",
    ]

    var jobRoutes: [Route] {
        [
            Route(
                method: .post, path: "/api/jobs", name: "orderJob",
                summary: "Retry, cancel or replay many, or backfill objects that MWDB has, at a pace",
                description: """
                    The job is stored and begins at once; it goes on over restarts until it is through or stopped. What \
                    it did and how far it came are stored together, so nothing is done twice. With `dry_run` it is only \
                    counted.
                    """,
                bodies: [("application/json", "JobOrder")],
                answers: [
                    .init(status: 200, type: "application/json", schema: "Matched", meaning: "With dry_run"),
                    .init(status: 202, type: "application/json", schema: "Job", meaning: "It has begun"),
                ],
                problems: [400, 404, 408, 409, 413, 503],
                respond: { call in try await order(call) }),
            Route(
                method: .get, path: "/api/jobs", name: "listJobs", summary: "Jobs, newest first",
                parameters: Self.paging,
                answers: [.init(status: 200, type: "application/json", schema: "Jobs", meaning: "A page")],
                problems: [400, 503],
                respond: { call in .json(try await jobs(call.query)) }),
            Route(
                method: .get, path: "/api/jobs/{job}", name: "showJob", summary: "One job and how far it is",
                answers: [.init(status: 200, type: "application/json", schema: "Job", meaning: "The job")],
                problems: [404, 503],
                respond: { call in .json(try await job(await reader.job(number(call)), call)) }),
            change("stop", "Stop a job; it can go on later") { try await control.stopJob($0) },
            change("resume", "Let a stopped or failed job go on where it was") {
                try await control.resumeJob($0)
            },
        ]
    }

    private func change(
        _ verb: String, _ summary: String,
        perform: @escaping @Sendable (Int64) async throws -> JobRecord?
    ) -> Route {
        Route(
            method: .post, path: "/api/jobs/{job}/\(verb)", name: "\(verb)Job", summary: summary,
            answers: [.init(status: 200, type: "application/json", schema: "Job", meaning: "The job")],
            problems: [404, 409, 503],
            respond: { call in
                let answer = try await job(perform(number(call)), call)
                await record(call.caller, "job \(verb)", "job \(call.parameters[0])")
                return .json(answer)
            })
    }

    private func number(_ call: Call) throws(Problem) -> Int64 {
        guard let id = Int64(call.parameters[0]), id > 0 else { throw missing(call) }
        return id
    }

    private func missing(_ call: Call) -> Problem {
        Problem(404, "there is no job '\(call.parameters[0])'; GET /api/jobs lists them")
    }

    private func job(_ job: JobRecord?, _ call: Call) async throws -> JSON {
        guard let job else { throw missing(call) }
        return view(job, try await names())
    }

    private func jobs(_ query: Query) async throws -> JSON {
        let (after, limit) = try page(query)
        let page = try await reader.jobs(after: after, limit: limit)
        let names = try await names()
        return .members([
            "jobs": .array(page.items.map { view($0, names) }), "next": .text(page.next?.description),
        ])
    }

    private func names() async throws -> [PluginNumber: String] {
        Dictionary(try await reader.plugins().map { ($0.number, $0.name) }) { first, _ in first }
    }

    /// A job as the interface shows it.
    private func view(_ job: JobRecord, _ names: [PluginNumber: String]) -> JSON {
        JSON.members([
            "id": .integer(job.id), "kind": .text(job.order?.kind), "state": .string(job.state.name),
            "who": .string(job.who), "created_at": .moment(job.createdAt),
            "updated_at": .moment(job.updatedAt),
            "rate": .text(job.rate), "total": .integer(job.total), "examined": .integer(job.examined),
            "done": .integer(job.done), "skipped": .integer(job.skipped), "problem": .text(free(job.problem)),
            "selection": selection(job.order, names),
        ])
    }

    private func selection(_ order: JobOrder?, _ names: [PluginNumber: String]) -> JSON {
        var members: [JSON.Member] = []
        func add(_ key: String, _ value: JSON) {
            if value != .null { members.append(.init(key: key, value: value)) }
        }
        func add(_ hook: String?, _ object: String?, _ since: Timestamp?, _ until: Timestamp?) {
            add("hook", .text(hook))
            add("object", .text(object))
            add("since", .moment(since))
            add("until", .moment(until))
        }
        switch order {
        case .retry(let filter)?, .cancel(let filter, _)?:
            add("plugin", .text(filter.queue.flatMap { names[$0] }))
            if !filter.states.isEmpty {
                add("state", .array(filter.states.map(\.name).sorted().map(JSON.string)))
            }
            add("status", .integer(filter.status))
            add(filter.hook, filter.object, filter.since, filter.until)
        case .replay(let replay)?:
            add("plugin", .text(names[replay.plugin]))
            if replay.newID { add("new_id", .bool(true)) }
            add(replay.filter.hook, replay.filter.object, replay.filter.since, replay.filter.until)
        case .backfill(let backfill)?:
            add("plugin", .text(names[backfill.plugin]))
            add("query", .text(backfill.query))
            add("hook", .text(backfill.hook))
        case nil: break
        }
        return .object(members)
    }
}

// MARK: Ordering

extension Interface {
    private func order(_ call: Call) async throws -> Response {
        let fields = try await Fields(call.body, allowed: Self.orderMembers)
        let request = try await request(fields)
        var rate: Rate?
        if let text = try fields.text("rate") {
            do throws(ValueError) {
                rate = try Rate(parsing: text)
            } catch {
                throw Problem(400, "'rate': \(error.message)")
            }
        }
        guard try !fields.flag("dry_run") else { return .json(try await matched(request)) }
        return try await begin(request, rate: rate, fields, call.caller)
    }

    /// Begins a job, which is the answer.
    func begin(
        _ request: JobRequest, rate: Rate?, _ fields: Fields, _ caller: Caller
    ) async throws -> Response {
        let job = try await control.order(request, rate: rate, who: caller.name)
        await record(caller, "job \(job.order?.kind ?? "")", "job \(job.id): \(fields.summary)")
        return .json(view(job, try await names()), status: .accepted)
    }

    private func request(_ fields: Fields) async throws -> JobRequest {
        switch try fields.text("kind") {
        case "retry": return .retry(try await deliveryFilter(fields, "a retry"))
        case "cancel": return .cancel(try await deliveryFilter(fields, "a cancel"))
        case "replay":
            try refuse(["query", "state", "status"], fields, "a replay")
            return .replay(
                try eventFilter(fields), plugin: try await receiver(fields).name,
                newID: try fields.flag("new_id"))
        case "backfill":
            try refuse(["state", "status", "object", "since", "until", "new_id"], fields, "a backfill")
            let query = try fields.text("query")
            guard try query != nil || fields.flag("all") else {
                throw Problem(400, "this selects every object; restrict it by 'query', or say \"all\": true")
            }
            return .backfill(
                BackfillRequest(
                    query: query, plugin: try await receiver(fields).name, hook: try fields.text("hook")))
        case let kind:
            let kinds = ["retry", "cancel", "replay", "backfill"]
            throw Problem(
                400,
                kind.map { "there is no kind '\($0)'" + Query.hint($0, kinds) } ?? "'kind' is missing: "
                    + kinds.joined(separator: ", "))
        }
    }

    private func deliveryFilter(_ fields: Fields, _ kind: String) async throws -> DeliveryFilter {
        try refuse(["query", "new_id"], fields, kind)
        guard case .matching(let filter) = try await selection(fields) else {
            throw Problem(400, "a job is chosen by a filter; POST /api/deliveries/retry and cancel take ids")
        }
        return filter
    }

    private func refuse(_ names: [String], _ fields: Fields, _ kind: String) throws(Problem) {
        for name in names where fields.has(name) { throw Problem(400, "\(kind) has no '\(name)'") }
    }

    /// The plugin that the member `plugin` means, which is to get events.
    func receiver(_ fields: Fields) async throws -> PluginRecord {
        guard let plugin = try fields.text("plugin") else {
            throw Problem(400, "'plugin' is missing: the plugin that gets the events")
        }
        let record = try await known(plugin)
        guard record.number != .mwdb else {
            throw Problem(400, "'mwdb' is the queue of write-backs: name a plugin")
        }
        return record
    }

    /// Events as the members `hook`, `object`, `since` and `until` choose them.
    func eventFilter(_ fields: Fields) throws -> EventFilter {
        let filter = EventFilter(
            hook: try fields.text("hook"), object: try fields.text("object"),
            since: try fields.moment("since"), until: try fields.moment("until"))
        guard try filter != EventFilter() || fields.flag("all") else {
            throw Problem(400, "this selects every event; restrict it, or say \"all\": true")
        }
        return filter
    }

    private func matched(_ request: JobRequest) async throws -> JSON {
        let count: MatchCount
        switch request {
        case .retry(let filter): count = try await matched(filter, verb: "retry")
        case .cancel(let filter): count = try await matched(filter, verb: "cancel")
        case .replay(let filter, _, _): count = try await reader.count(filter)
        case .backfill(let backfill):
            count = MatchCount(matched: try await control.count(backfill), hasMore: false)
        }
        return matched(count)
    }

    /// A count as the interface shows it.
    func matched(_ count: MatchCount) -> JSON {
        .members(["matched": .integer(count.matched), "more": .bool(count.hasMore)])
    }

    /// How many deliveries `verb` would concern.
    func matched(_ filter: DeliveryFilter, verb: String) async throws -> MatchCount {
        let touched = touched(verb)
        var filter = filter
        filter.states = filter.states.isEmpty ? touched : filter.states.intersection(touched)
        guard !filter.states.isEmpty else { return MatchCount(matched: 0, hasMore: false) }
        return try await reader.count(filter)
    }

    /// The states in which `verb` does something to a delivery.
    func touched(_ verb: String) -> Set<DeliveryState> {
        verb == "retry"
            ? [.waiting, .held, .dead, .cancelled] : [.ready, .waiting, .started, .blocked, .held, .dead]
    }
}
