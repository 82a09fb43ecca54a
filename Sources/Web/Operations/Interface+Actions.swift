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

    private func selection(_ fields: Fields) async throws -> DeliverySelection {
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

    /// Counts page by page, up to a number beyond which nobody wants to know it exactly.
    private func count(_ selection: DeliverySelection, _ verb: String) async throws -> JSON {
        guard case .matching(var filter) = selection else {
            guard case .ids(let ids) = selection else { return .null }
            return .members(["matched": .integer(ids.count), "more": .bool(false)])
        }
        let touched: Set<DeliveryState> =
            verb == "retry"
            ? [.waiting, .held, .dead, .cancelled] : [.ready, .waiting, .started, .blocked, .held, .dead]
        filter.states = filter.states.isEmpty ? touched : filter.states.intersection(touched)
        guard !filter.states.isEmpty else { return .members(["matched": .integer(0), "more": .bool(false)]) }
        let wanted = filter
        return try await count { try await reader.deliveries(wanted, after: $0, limit: Self.largestPage) }
    }

    private func count<Item>(_ page: (PageToken?) async throws -> Page<Item>) async throws -> JSON {
        var matched = 0
        var after: PageToken?
        for _ in 0..<400 {
            let page = try await page(after)
            matched += page.items.count
            after = page.next
            if after == nil { break }
        }
        return .members(["matched": .integer(matched), "more": .bool(after != nil)])
    }

    private func replay(_ call: Call) async throws -> JSON {
        let fields = try await Fields(call.body, allowed: Self.replayMembers)
        guard let plugin = try fields.text("plugin") else {
            throw Problem(400, "'plugin' is missing: the plugin that gets the events")
        }
        _ = try await known(plugin)
        let filter = EventFilter(
            hook: try fields.text("hook"), object: try fields.text("object"),
            since: try fields.moment("since"),
            until: try fields.moment("until"))
        let ids = try fields.texts("events")
        guard try ids != nil || filter != EventFilter() || fields.flag("all") else {
            throw Problem(400, "this selects every event; restrict it, or say \"all\": true")
        }
        guard try !fields.flag("dry_run") else {
            guard let ids else {
                return try await count { try await reader.events(filter, after: $0, limit: 500) }
            }
            return .members(["matched": .integer(ids.count), "more": .bool(false)])
        }
        let selection: EventSelection = ids.map(EventSelection.ids) ?? .matching(filter)
        let result = try await control.replay(selection, to: plugin, newID: fields.flag("new_id"))
        await record(call.caller, "replay", "\(result.replayed) events: \(fields.summary)")
        return .members(["replayed": .integer(result.replayed), "skipped": .integer(result.skipped)])
    }
}
