// POST /api/deliveries/retry, cancel and replay: what an operator does to one delivery or to many. A selection that
// restricts nothing must say `"all": true`, and `"dry_run": true` only counts.

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
            change("retry", "Try deliveries at once: waiting, held, dead or cancelled ones") { selection in
                try await control.retry(selection)
            },
            change("cancel", "Call deliveries off that are not delivered") { selection in
                try await control.cancel(selection)
            },
            Route(
                method: .post, path: "/api/deliveries/replay", name: "replayEvents",
                summary: "Deliver events again to a plugin, or for the first time",
                bodies: [("application/json", "Replay")],
                answers: [
                    .init(status: 200, type: "application/json", schema: "Replayed", meaning: "How many")
                ],
                problems: [400, 404, 408, 409, 413, 503],
                respond: { call in .json(try await replay(call)) }),
        ]
    }

    private func change(
        _ verb: String, _ summary: String,
        perform: @escaping @Sendable (DeliverySelection) async throws -> Int
    ) -> Route {
        Route(
            method: .post, path: "/api/deliveries/\(verb)", name: "\(verb)Deliveries", summary: summary,
            bodies: [("application/json", "Selection")],
            answers: [.init(status: 200, type: "application/json", schema: "Changed", meaning: "How many")],
            problems: [400, 404, 408, 409, 413, 503],
            respond: { call in
                let fields = try await Fields(call.body, allowed: Self.selectionMembers)
                let selection = try await selection(fields)
                guard try !fields.flag("dry_run") else { return .json(try await count(selection, verb)) }
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
            case .ids(let ids): MatchCount(matched: Int64(ids.count), hasMore: false)
            case .matching(let filter): try await matched(filter, verb: verb)
            }
        return .members(["matched": .integer(count.matched), "more": .bool(count.hasMore)])
    }

    private func replay(_ call: Call) async throws -> JSON {
        let fields = try await Fields(call.body, allowed: Self.replayMembers)
        guard let plugin = try fields.text("plugin") else {
            throw Problem(400, "'plugin' is missing: the plugin that gets the events")
        }
        _ = try await known(plugin)
        let ids = try fields.texts("events")
        let filter = try ids == nil ? eventFilter(fields) : EventFilter()
        guard try !fields.flag("dry_run") else {
            let named = ids.map { MatchCount(matched: Int64($0.count), hasMore: false) }
            let count = if let named { named } else { try await reader.count(filter) }
            return .members(["matched": .integer(count.matched), "more": .bool(count.hasMore)])
        }
        let selection: EventSelection = ids.map(EventSelection.ids) ?? .matching(filter)
        let result = try await control.replay(selection, to: plugin, newID: fields.flag("new_id"))
        await record(call.caller, "replay", "\(result.replayed) events: \(fields.summary)")
        return .members(["replayed": .integer(result.replayed), "skipped": .integer(result.skipped)])
    }
}
