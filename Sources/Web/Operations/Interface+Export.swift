// GET /api/events/export: events as they are stored, byte for byte, one a line, oldest first. Secrets are not looked
// for in them: they are what MWDB wrote.

import Hummingbird
import HTTPTypes
import Model
import Outbox

extension Interface {
    /// Where `next` of a page stands, whose body is not ours to add to.
    static let nextPage = HTTPField.Name("mwdb-webhooks-next")

    var exportRoute: Route {
        Route(
            method: .get, path: "/api/events/export", name: "exportEvents",
            summary: "Events as they are stored, one a line, oldest first",
            description: """
                A page of some megabytes; may be empty though there are more. The header `mwdb-webhooks-next` is `after` \
                for the next page, and is missing on the last. An event that no plugin wanted, or whose time is over, \
                is not kept.
                """,
            parameters: Self.eventFilters + [
                Parameter(name: "after", kind: .text, meaning: "`mwdb-webhooks-next` of the page before")
            ],
            answers: [.init(status: 200, type: "application/x-ndjson", schema: "Lines", meaning: "A page")],
            problems: [400, 503],
            respond: { call in try await export(call.query) })
    }

    private func export(_ query: Query) async throws -> Response {
        let filter = EventFilter(
            hook: query.text("hook"), object: query.text("object"), since: query.moment("since"),
            until: query.moment("until"))
        var after: PageToken?
        if let text = query.text("after") {
            guard let token = PageToken(text) else {
                throw Problem(
                    400, "'after' is not the `mwdb-webhooks-next` of a page; start again without it")
            }
            after = token
        }
        let page = try await reader.export(filter, after: after)
        var response = Response.bytes(page.lines, type: "application/x-ndjson")
        if let next = page.next, let name = Self.nextPage { response.headers[name] = next.description }
        return response
    }
}
