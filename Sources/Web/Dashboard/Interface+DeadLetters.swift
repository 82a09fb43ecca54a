// GET /api/dead-letters and POST /api/dead-letters/retry: what was given up or is held, by reason, and one try more
// for all that share one. Both look at some, newest first, so that the answer comes at once, and say when there are more.

import Hummingbird
import Model
import Outbox

extension Interface {
    /// Deliveries that a list looks at, so that it comes at once.
    private static let listed = 5_000
    /// Deliveries that one retry looks at.
    private static let examined = 2_500
    private static let parked = ["dead", "held"]

    var deadLetterRoutes: [Route] {
        [
            Route(
                method: .get, path: "/api/dead-letters", name: "listDeadLetters",
                summary: "Dead or held deliveries by plugin and reason",
                description: """
                    The newest \(Self.listed) are looked at; `more` says that there are older ones. \
                    \(ReasonGroups.limit) reasons are told apart; `others` is the number of those with yet another.
                    """,
                parameters: [
                    Parameter(
                        name: "state", kind: .words(Self.parked), meaning: "dead, or held; dead by default"),
                    Parameter(name: "plugin", kind: .text, meaning: "Plugin; all by default"),
                ],
                answers: [
                    .init(status: 200, type: "application/json", schema: "Object", meaning: "The groups")
                ],
                problems: [400, 404, 503],
                respond: { call in
                    let states = call.query.words("state")
                    return .json(try await deadLetters(states, plugin: call.query.text("plugin")))
                }),
            Route(
                method: .post, path: "/api/dead-letters/retry", name: "retryDeadLetters",
                summary: "Try all dead or held deliveries with one reason again",
                description:
                    "Takes `plugin`, `reason` as listed, and `state`. Call again with `next` as `after` until it is null.",
                bodies: [("application/json", "Object")],
                answers: [
                    .init(status: 200, type: "application/json", schema: "Changed", meaning: "How many")
                ],
                problems: [400, 404, 408, 409, 413, 503],
                respond: { call in .json(try await retryGroup(call)) }),
        ]
    }

    private func deadLetters(_ names: [String], plugin: String?) async throws -> JSON {
        var groups = ReasonGroups()
        let wanted = try await filter(names, plugin: plugin)
        let rest = try await walk(wanted, upTo: Self.listed) { page in
            for delivery in page { groups.add(delivery) }
        }
        let shown = groups.groups.sorted { $0.count > $1.count }.map { group in
            JSON.members([
                "plugin": .string(group.plugin), "reason": .text(free(group.reason)),
                "example": .text(free(group.example)), "status": .integer(group.status),
                "count": .integer(group.count), "oldest": .moment(group.oldest),
                "newest": .moment(group.newest), "delivery": .string(group.delivery),
            ])
        }
        return .members([
            "groups": .array(shown), "others": .integer(groups.others), "more": .bool(rest != nil),
        ])
    }

    private func retryGroup(_ call: Call) async throws -> JSON {
        let fields = try await Fields(call.body, allowed: ["plugin", "reason", "state", "after"])
        guard let plugin = try fields.text("plugin"), let reason = try fields.text("reason") else {
            throw Problem(400, "'plugin' and 'reason' are needed, as /api/dead-letters lists them")
        }
        let state = try fields.text("state") ?? "dead"
        guard Self.parked.contains(state) else { throw Problem(400, "'state' must be dead or held") }
        let text = try fields.text("after")
        let start = text.flatMap { PageToken($0) }
        guard text == nil || start != nil else {
            throw Problem(400, "'after' is not the `next` of an answer; start again without it")
        }
        var changed = 0
        let wanted = try await filter([state], plugin: plugin)
        let rest = try await walk(wanted, from: start, upTo: Self.examined) { page in
            let ids = page.filter { free(ReasonGroups.common($0.reason)) == reason }.map(\.delivery)
            if !ids.isEmpty { changed += try await control.retry(.ids(ids)) }
        }
        await record(call.caller, "retry", "\(changed) \(state) deliveries of \(plugin): \(reason)")
        return .members([
            "changed": .integer(changed), "more": .bool(rest != nil), "next": .text(rest?.description),
        ])
    }

    private func filter(_ names: [String], plugin: String?) async throws -> DeliveryFilter {
        let states = DeliveryState.allCases.filter { names.contains($0.name) }
        var filter = DeliveryFilter(states: states.isEmpty ? [.dead] : Set(states))
        if let plugin { filter.queue = try await known(plugin).number }
        return filter
    }

    /// Calls `body` with page after page; where the others are.
    private func walk(
        _ filter: DeliveryFilter, from start: PageToken? = nil, upTo limit: Int,
        _ body: ([DeliverySummary]) async throws -> Void
    ) async throws -> PageToken? {
        var after = start
        var seen = 0
        repeat {
            let page = try await reader.deliveries(filter, after: after, limit: OutboxReader.maximumLimit)
            try await body(page.items)
            seen += page.items.count
            after = page.next
        } while after != nil && seen < limit
        return after
    }
}
