// POST /api/deliveries/retry, cancel and replay: what an operator does to deliveries and events. Those that are named
// are changed before the answer; what a filter selects may be millions, so it becomes a job, which is the answer. A
// selection that restricts nothing must say `"all": true`, and `"dry_run": true` only counts.

import Dispatcher
import Hummingbird
import Logging
import Model
import Outbox

extension Interface {
    private static let selectionMembers = [
        "ids", "plugin", "state", "hook", "object", "since", "until", "status", "all", "dry_run",
    ]
    private static let replayMembers = [
        "events", "plugin", "hook", "object", "since", "until", "new_id", "all", "dry_run",
    ]

    var actionRoutes: [Route] {
        [
            change(
                "retry", "Try deliveries at once: waiting, held, dead or cancelled ones", JobRequest.retry
            ) { selection in
                try await control.retry(selection)
            },
            change("cancel", "Call deliveries off that are not delivered", JobRequest.cancel) { selection in
                try await control.cancel(selection)
            },
            Route(
                method: .post, path: "/api/deliveries/replay", name: "replayEvents",
                summary: "Deliver events again to a plugin, or for the first time",
                description: Self.jobOfFilter,
                bodies: [("application/json", "Replay")],
                answers: [
                    .init(status: 200, type: "application/json", schema: "Replayed", meaning: "How many"),
                    Self.begun,
                ],
                problems: [400, 404, 408, 409, 413, 503],
                respond: { call in try await replay(call) }),
        ]
    }

    private static let jobOfFilter =
        "Those that are named are done before the answer. What a filter selects is a job, as of POST /api/jobs."
    private static let begun = Route.Answer(
        status: 202, type: "application/json", schema: "Job", meaning: "With a filter: the job has begun")

    private func change(
        _ verb: String, _ summary: String, _ request: @escaping @Sendable (DeliveryFilter) -> JobRequest,
        perform: @escaping @Sendable (DeliverySelection) async throws -> Int
    ) -> Route {
        Route(
            method: .post, path: "/api/deliveries/\(verb)", name: "\(verb)Deliveries", summary: summary,
            description: Self.jobOfFilter,
            bodies: [("application/json", "Selection")],
            answers: [
                .init(status: 200, type: "application/json", schema: "Changed", meaning: "How many"),
                Self.begun,
            ],
            problems: [400, 404, 408, 409, 413, 503],
            respond: { call in
                let fields = try await Fields(call.body, allowed: Self.selectionMembers)
                let selection = try await selection(fields)
                guard try !fields.flag("dry_run") else { return .json(try await count(selection, verb)) }
                if case .matching(let filter) = selection {
                    return try await begin(request(filter), rate: nil, fields, call.caller)
                }
                let changed = try await perform(selection)
                await record(call.caller, verb, "\(changed) deliveries: \(fields.summary)")
                return .json(.members(["changed": .integer(changed)]))
            })
    }

    /// Deliveries as the members of a request choose them.
    func selection(_ fields: Fields) async throws -> DeliverySelection {
        if let names = try fields.texts("ids") {
            var ids: [DeliveryID] = []
            for text in names {
                guard let name = DeliveryName(text) else {
                    throw Problem(
                        400, "'\(text)' is no delivery; it is EVENTID/PLUGIN or EVENTID/PLUGIN/STEP")
                }
                ids.append(try await found(name))
            }
            return .ids(ids)
        }
        var filter = DeliveryFilter(
            states: try states(fields), hook: try fields.text("hook"), object: try fields.text("object"),
            since: try fields.moment("since"), until: try fields.moment("until"),
            status: try fields.integer("status", in: 100...599))
        if let plugin = try fields.text("plugin") { filter.queue = try await known(plugin).number }
        guard try filter != DeliveryFilter() || fields.flag("all") else {
            throw Problem(400, "this selects every delivery; restrict it, or say \"all\": true")
        }
        return .matching(filter)
    }

    private func states(_ fields: Fields) throws -> Set<DeliveryState> {
        var states: Set<DeliveryState> = []
        for name in try fields.texts("state") ?? [] {
            guard let state = DeliveryState.allCases.first(where: { $0.name == name }) else {
                throw Problem(
                    400, "there is no state '\(name)'" + Query.hint(name, DeliveryState.allCases.map(\.name)))
            }
            states.insert(state)
        }
        return states
    }

    private func count(_ selection: DeliverySelection, _ verb: String) async throws -> JSON {
        let count =
            switch selection {
            case .ids(let ids):
                MatchCount(matched: try await reader.count(ids, in: touched(verb)), hasMore: false)
            case .matching(let filter): try await matched(filter, verb: verb)
            }
        return matched(count)
    }

    private func replay(_ call: Call) async throws -> Response {
        let fields = try await Fields(call.body, allowed: Self.replayMembers)
        let receiver = try await receiver(fields)
        let plugin = receiver.name
        let isDry = try fields.flag("dry_run")
        let newID = try fields.flag("new_id")
        guard let ids = try fields.texts("events") else {
            let filter = try eventFilter(fields)
            guard isDry else {
                return try await begin(
                    .replay(filter, plugin: plugin, newID: newID), rate: nil, fields, call.caller)
            }
            return .json(matched(try await reader.count(filter)))
        }
        guard !isDry else {
            let count = try await reader.countReplayable(ids, to: receiver.number, newID: newID)
            return .json(matched(MatchCount(matched: count, hasMore: false)))
        }
        let result = try await control.replay(.ids(ids), to: plugin, newID: newID)
        await record(call.caller, "replay", "\(result.replayed) events: \(fields.summary)")
        return .json(
            .members(["replayed": .integer(result.replayed), "skipped": .integer(result.skipped)]))
    }
}
