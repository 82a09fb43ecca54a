// One operation of the HTTP interface: how it is called, what it answers, and who does it. The table of these is
// what requests are matched against and what the OpenAPI document is written from, so that the two cannot differ.

import Hummingbird
import Model

/// One operation.
struct Route: Sendable {
    /// Method; HEAD is answered as GET without a body.
    var method: HTTPRequest.Method
    /// Path with parameters in braces: `/api/plugins/{plugin}`.
    var path: String
    /// Name of the operation, unique.
    var name: String
    /// What it does, in a line.
    var summary: String
    /// More about it; empty: nothing to add.
    var description = ""
    /// Also served on TCP, where nobody is authenticated.
    var isPublic = false
    /// A file of the dashboard, or the way in: it needs no token, and is no part of the documented interface.
    var isPage = false
    /// Query parameters.
    var parameters: [Parameter] = []
    /// Media types of the body, each with its schema's name; empty: no body is read.
    var bodies: [(type: String, schema: String)] = []
    /// Answers other than problems: status, media type, schema's name, meaning.
    var answers: [Answer]
    /// Statuses of its problem documents.
    var problems: [Int] = []
    /// Carries it out.
    var respond: @Sendable (Call) async throws -> Response

    /// An answer as it is documented.
    struct Answer: Sendable {
        var status: Int
        var type: String
        var schema: String
        var meaning: String
    }

    /// Who may call it where somebody logs in.
    var role: Role { method == .get ? .viewer : .operator }

    /// The path's segments; nil stands for a parameter.
    var segments: [String?] {
        path == "/" ? [""] : path.split(separator: "/").map { $0.hasPrefix("{") ? nil : String($0) }
    }

    /// Names of the path's parameters, in order.
    var pathParameters: [String] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    }
}

/// A query parameter.
struct Parameter: Sendable {
    /// Its name.
    var name: String
    /// What it may be.
    var kind: Kind
    /// What it means.
    var meaning: String

    /// Characters that a text may have: three of them, percent-encoded, fit into a request's head.
    static let longestText = 256

    /// Kinds of values.
    enum Kind: Sendable {
        case text
        case integer(ClosedRange<Int>)
        case moment
        case words([String])
    }
}

/// One request on its way through an operation.
struct Call {
    /// The head.
    var request: Request
    /// Values of the path's parameters, decoded, in order.
    var parameters: [String]
    /// The query, checked against the route's parameters.
    var query: Query
    /// The body.
    var body: BodyReader
    /// Who calls.
    var caller = Caller.unknown
}
