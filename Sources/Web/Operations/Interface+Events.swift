// GET /api/events: what came in. Lists go by pages; an event's own bytes are shown as the JSON they are.

import Hummingbird
import Model
import Outbox

extension Interface {
    /// Rows of a page without `limit`, and most rows of one.
    static let pageSize = 100
    static let largestPage = 500

    /// Parameters of every list.
    static let paging = [
        Parameter(name: "after", kind: .text, meaning: "`next` of the page before"),
        Parameter(
            name: "limit", kind: .integer(1...largestPage), meaning: "Most rows; \(pageSize) by default"),
    ]

    /// Parameters that choose events.
    static let eventFilters = [
        Parameter(name: "hook", kind: .text, meaning: "Hook, `on_created_file`"),
        Parameter(name: "object", kind: .text, meaning: "Id of the object in MWDB"),
        Parameter(name: "since", kind: .moment, meaning: "Accepted at this moment (RFC 3339) or later"),
        Parameter(name: "until", kind: .moment, meaning: "Accepted before this moment"),
    ]

    var eventRoutes: [Route] {
        [
            Route(
                method: .get, path: "/api/events", name: "listEvents", summary: "Events, newest first",
                parameters: Self.eventFilters + Self.paging,
                answers: [.init(status: 200, type: "application/json", schema: "Events", meaning: "A page")],
                problems: [400, 503],
                respond: { call in .json(try await events(call.query)) }),
            Route(
                method: .get, path: "/api/events/{event}", name: "showEvent",
                summary: "One event with its bytes and its deliveries",
                answers: [
                    .init(status: 200, type: "application/json", schema: "EventDetail", meaning: "The event")
                ],
                problems: [404, 503],
                respond: { call in .json(try await event(call.parameters[0])) }),
        ]
    }

    /// Where a page begins.
    /// - Throws: `Problem` 400.
    func page(_ query: Query) throws(Problem) -> (after: PageToken?, limit: Int) {
        let limit = query.integer("limit") ?? Interface.pageSize
        guard let text = query.text("after") else { return (nil, limit) }
        guard let token = PageToken(text) else {
            throw Problem(400, "'after' is not the `next` of a page; start again without it")
        }
        return (token, limit)
    }

    private func events(_ query: Query) async throws -> JSON {
        let filter = EventFilter(
            hook: query.text("hook"), object: query.text("object"), since: query.moment("since"),
            until: query.moment("until"))
        let (after, limit) = try page(query)
        let page = try await reader.events(filter, after: after, limit: limit)
        return .members([
            "events": .array(page.items.map(summary)), "next": .text(page.next?.description),
        ])
    }

    private func event(_ id: String) async throws -> JSON {
        guard let event = try await reader.event(id) else {
            throw Problem(404, "there is no event '\(id)'; it may have been removed after `retention`")
        }
        return summary(event.summary).adding([
            "body": body(event.body), "deliveries": .array(event.deliveries.map(summary)),
        ])
    }

    /// An event as a list shows it.
    func summary(_ event: EventSummary) -> JSON {
        .members([
            "id": .string(event.id), "sequence": .integer(event.sequence), "hook": .string(event.hook),
            "accepted_at": .moment(event.acceptedAt), "actor": .text(event.actor),
            "object": .text(event.object),
            "content": .text(event.content), "kept": .bool(event.isKept),
        ])
    }

    /// An event's bytes as the JSON they are, secrets replaced; null when they are not kept.
    func body(_ bytes: [UInt8]?) -> JSON {
        guard let bytes else { return .null }
        guard let tree = try? JSON.parse(bytes) else {
            return .text(free(String(decoding: bytes, as: UTF8.self)))
        }
        return redacted(tree)
    }

    /// `value` with secrets replaced wherever they stand.
    func redacted(_ value: JSON) -> JSON {
        control.settings.redaction.redact(value)
    }
}
