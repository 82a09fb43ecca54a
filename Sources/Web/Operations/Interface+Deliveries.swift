// GET /api/deliveries: what is, was or will be sent. A delivery is called EVENTID/PLUGIN, a write-back that it caused
// EVENTID/PLUGIN/STEP.

import Hummingbird
import Model
import Outbox

extension Interface {
    /// Parameters that choose deliveries.
    static let deliveryFilters =
        [
            Parameter(name: "plugin", kind: .text, meaning: "Plugin; `mwdb` for write-backs"),
            Parameter(
                name: "state", kind: .words(DeliveryState.allCases.map(\.name)),
                meaning: "One or more states, by comma"),
            Parameter(name: "status", kind: .integer(100...599), meaning: "HTTP status of the last attempt"),
        ] + eventFilters

    var deliveryRoutes: [Route] {
        let shown = Route.Answer(
            status: 200, type: "application/json", schema: "DeliveryDetail", meaning: "The delivery")
        return [
            Route(
                method: .get, path: "/api/deliveries", name: "listDeliveries",
                summary: "Deliveries, newest first",
                description: "A page may be empty though there is a next one: go on until `next` is null.",
                parameters: Self.deliveryFilters + Self.paging,
                answers: [
                    .init(status: 200, type: "application/json", schema: "Deliveries", meaning: "A page")
                ],
                problems: [400, 404, 503],
                respond: { call in .json(try await deliveries(call.query)) }),
            Route(
                method: .get, path: "/api/deliveries/{event}/{plugin}", name: "showDelivery",
                summary: "One delivery with its event, attempts and siblings",
                answers: [shown], problems: [404, 503],
                respond: { call in
                    .json(
                        try await delivery(
                            DeliveryName(eventID: call.parameters[0], plugin: call.parameters[1])))
                }),
            Route(
                method: .get, path: "/api/deliveries/{event}/{plugin}/{step}", name: "showWriteBack",
                summary: "One write-back with its event, attempts and siblings",
                answers: [shown], problems: [404, 503],
                respond: { call in
                    let text = call.parameters.joined(separator: "/")
                    guard let name = DeliveryName(text) else {
                        throw Problem(404, "a step is a number from 1 to 255")
                    }
                    return .json(try await delivery(name))
                }),
        ]
    }

    /// The delivery called `name`.
    /// - Throws: `Problem` 404.
    func found(_ name: DeliveryName) async throws -> DeliveryID {
        guard let id = try await reader.find(name) else {
            throw Problem(404, "there is no delivery '\(name)'; it may have been removed after `retention`")
        }
        return id
    }

    private func deliveries(_ query: Query) async throws -> JSON {
        var filter = DeliveryFilter(
            states: Set(DeliveryState.allCases.filter { query.words("state").contains($0.name) }),
            hook: query.text("hook"), object: query.text("object"), since: query.moment("since"),
            until: query.moment("until"), status: query.integer("status"))
        if let plugin = query.text("plugin") { filter.queue = try await known(plugin).number }
        let (after, limit) = try page(query)
        let page = try await reader.deliveries(filter, after: after, limit: limit)
        return .members([
            "deliveries": .array(page.items.map(summary)), "next": .text(page.next?.description),
        ])
    }

    private func delivery(_ name: DeliveryName) async throws -> JSON {
        guard let delivery = try await reader.delivery(found(name)) else {
            throw Problem(404, "there is no delivery '\(name)' any more")
        }
        return summary(delivery.summary).adding([
            "event_summary": summary(delivery.event), "body": body(delivery.body),
            "extracted": body(delivery.extracted), "task": body(delivery.task),
            "tried": .array(delivery.attempts.map(attempt)),
            "siblings": .array(delivery.siblings.map(summary)),
        ])
    }

    /// A delivery as a list shows it.
    func summary(_ delivery: DeliverySummary) -> JSON {
        .members([
            "id": .string(delivery.name.description), "event": .string(delivery.name.eventID),
            "plugin": .string(delivery.name.plugin), "step": .integer(delivery.name.step),
            "hook": .string(delivery.hook), "object": .text(delivery.object),
            "state": .string(delivery.state.name), "reason": .text(free(delivery.reason)),
            "attempts": .integer(delivery.attempts), "status": .integer(delivery.status),
            "due": .moment(delivery.due), "tried_for_ms": .integer(delivery.triedFor.milliseconds),
            "accepted_at": .moment(delivery.acceptedAt), "updated_at": .moment(delivery.updatedAt),
        ])
    }

    private func attempt(_ attempt: Attempt) -> JSON {
        let headers = attempt.answerHeaders.split(separator: "\n").map { JSON.text(free(String($0))) }
        return .object([
            .init(key: "number", value: .integer(attempt.number)),
            .init(key: "started_at", value: .moment(attempt.startedAt)),
            .init(key: "ended_at", value: .moment(attempt.endedAt)),
            .init(key: "status", value: .integer(attempt.status)),
            .init(key: "failure", value: .text(attempt.failure)),
            .init(key: "message", value: .text(free(attempt.message))),
            .init(key: "timings", value: timings(attempt.timings)),
            .init(key: "remote_address", value: .text(attempt.remoteAddress)),
            .init(key: "answer_headers", value: .array(headers)),
            JSON.bytes(attempt.answerBody, named: "answer_body") { free($0) ?? "" },
        ])
    }
}
