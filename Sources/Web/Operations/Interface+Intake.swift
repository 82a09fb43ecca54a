// POST /api/events: the hot path of the interface. The head is checked, the body read within its limits, and the
// dispatcher says what became of it. A 2xx is sent only after the durable commit.

import Dispatcher
import Hummingbird
import Model
import NIOCore

extension Interface {
    /// Bytes of one NDJSON body.
    static let longestBatch = 64 << 20

    var intakeRoute: Route {
        Route(
            method: .post, path: "/api/events", name: "acceptEvents", summary: "Accept one event, or many",
            description: """
                One JSON event, or up to 50,000 as NDJSON, one a line, all or nothing. 202 is sent only when the events are \
                durable. The same id again with the same bytes is a duplicate, with other bytes a conflict. 503: \
                nothing was stored; send it again after Retry-After.
                """,
            bodies: [("application/json", "Event"), ("application/x-ndjson", "Lines")],
            answers: [.init(status: 202, type: "application/json", schema: "Accepted", meaning: "Durable")],
            problems: [400, 408, 409, 413, 415, 422, 503],
            respond: { call in await intake(call.request, call.body) })
    }

    /// Takes in the events of a request.
    func intake(_ request: Request, _ body: BodyReader) async -> Response {
        do {
            let lines = try lines(request)
            let limit = limit(lines: lines)
            let counted = max(body.promised ?? limit, 0)
            guard counted <= limit else { throw BodyError.tooLarge(limit: limit) }
            guard counted > BodyBudget.small else {
                return try await accept(body, limit: limit, lines: lines)
            }
            guard budget.take(counted) else {
                throw Problem.unavailable("too many large bodies at a time", retryAfter: 1)
            }
            defer { budget.giveBack(counted) }
            return try await accept(body, limit: limit, lines: lines)
        } catch {
            return problem(for: error).response
        }
    }

    private func accept(_ body: BodyReader, limit: Int, lines: Bool) async throws -> Response {
        let bytes = try await body.collect(upTo: limit)
        guard !bytes.isEmpty else { throw Problem(400, "the body is empty; send one event, or one a line") }
        switch await control.accept(bytes, lines: lines) {
        case .accepted(let count, let duplicates):
            return Interface.accepted(count, duplicates)
        case .invalid(let found, let count):
            if !lines, let error = notJSON(bytes) { throw Problem(400, "the body is no JSON: \(error)") }
            let detail =
                "\(count) \(count == 1 ? "line is" : "lines are") no event; nothing was stored"
            throw Problem.lines(found, status: 422, detail: detail)
        case .conflict(let found, _):
            let detail = "an id is known already with other bytes (id conflict); nothing was stored"
            throw Problem.lines(found, status: 409, detail: detail)
        case .tooLarge(let detail):
            throw Problem(413, detail)
        case .unavailable(let detail):
            throw Problem.unavailable(detail)
        }
    }

    /// Written by hand: it is sent ten thousand times a second.
    static func accepted(_ count: Int, _ duplicates: Int) -> Response {
        var headers = HTTPFields()
        headers[.contentType] = "application/json"
        let text = "{\"accepted\":\(count),\"duplicates\":\(duplicates)}\n"
        return Response(
            status: .accepted, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    private func limit(lines: Bool) -> Int {
        let largest = control.settings.maximumEventSize
        return lines ? max(Interface.longestBatch, largest + 1) : largest + 1
    }

    private func notJSON(_ bytes: [UInt8]) -> JSONError? {
        do {
            _ = try JSON.parse(bytes)
            return nil
        } catch {
            return error
        }
    }

    /// Whether the body has one event a line.
    private func lines(_ request: Request) throws(Problem) -> Bool {
        if let encoding = request.headers[.contentEncoding], encoding.lowercased() != "identity" {
            throw Problem(415, "content-encoding must be identity")
        }
        let type = request.headers[.contentType] ?? ""
        switch type.prefix(while: { $0 != ";" && $0 != " " }).lowercased() {
        case "application/json": return false
        case "application/x-ndjson", "application/ndjson", "application/jsonl": return true
        default:
            throw Problem(415, "content-type must be application/json (one event) or application/x-ndjson")
        }
    }
}
