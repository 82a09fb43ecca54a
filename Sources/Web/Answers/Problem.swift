// Answers that say what is wrong, as RFC 9457 wants them: application/problem+json with a title, the detail in
// words, and what to do next among them.

import Dispatcher
import Hummingbird
import Model

/// What is wrong with a request, or why it cannot be answered.
struct Problem: Error, Sendable, Equatable {
    /// HTTP status, 400 to 599.
    var status: Int
    /// In words: what, where, what to do next.
    var detail: String
    /// Further members of the document, such as `lines`.
    var members: [JSON.Member] = []
    /// `Retry-After` in seconds.
    var retryAfter: Int?
    /// `Allow`, for 405.
    var allow: String?

    /// A problem with `status`, explained by `detail`.
    init(_ status: Int, _ detail: String) {
        self.status = status
        self.detail = detail
    }

    /// Lines that are no events; nothing was stored.
    static func lines(_ lines: [LineProblem], status: Int, detail: String) -> Problem {
        var problem = Problem(status, detail)
        // A client that sends a million bad lines learns nothing more from the thousandth.
        let shown = lines.prefix(1000).map { line in
            JSON.members(["line": .integer(line.line), "message": .string(line.message)])
        }
        problem.members = [JSON.Member(key: "lines", value: .array(shown))]
        return problem
    }

    /// Cannot be done now; try again in `seconds`.
    static func unavailable(_ detail: String, retryAfter seconds: Int = 5) -> Problem {
        var problem = Problem(503, detail)
        problem.retryAfter = seconds
        return problem
    }

    /// What a status means in general (RFC 9110).
    static func title(_ status: Int) -> String {
        switch status {
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 413: "Content Too Large"
        case 415: "Unsupported Media Type"
        case 421: "Misdirected Request"
        case 422: "Unprocessable Content"
        case 429: "Too Many Requests"
        case 503: "Service Unavailable"
        default: "Internal Server Error"
        }
    }

    /// The answer.
    var response: Response {
        let status = HTTPResponse.Status(code: status, reasonPhrase: Problem.title(self.status))
        let document = JSON.members([
            "title": .string(status.reasonPhrase), "status": .integer(self.status), "detail": .string(detail),
        ])
        guard case .object(let standard) = document else { return Response(status: status) }
        var response = Response.bytes(
            JSON.object(standard + members).serialised(), type: "application/problem+json", status: status)
        if let retryAfter { response.headers[.retryAfter] = String(retryAfter) }
        if let allow { response.headers[.allow] = allow }
        if self.status == 401 { response.headers[.wwwAuthenticate] = "Bearer" }
        return response
    }
}
