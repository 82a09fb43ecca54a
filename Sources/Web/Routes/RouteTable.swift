// Finds the operation for a method and a path. Failure: no path is a 404, no method a 405 that lists the others.

import Hummingbird
import Model

/// The operations of the interface.
struct RouteTable: Sendable {
    /// In the order of the documentation.
    let routes: [Route]

    private let patterns: [(segments: [String?], index: Int)]

    /// A table of `routes`; where two match, the first is taken.
    init(_ routes: [Route]) {
        self.routes = routes
        patterns = routes.enumerated().map { ($0.element.segments, $0.offset) }
    }

    /// What a request means.
    struct Match {
        /// The operation.
        var route: Route
        /// Its place in the table.
        var index: Int
        /// Values of the path's parameters, decoded.
        var parameters: [String]
    }

    /// The operation for `method` on `path`.
    /// - Throws: `Problem` 404 or 405; 400 for a broken escape.
    func match(_ method: HTTPRequest.Method, _ path: Substring, publicOnly: Bool) throws(Problem) -> Match {
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        var allowed: [String] = []
        for (pattern, index) in patterns where matches(pattern, segments) {
            let route = routes[index]
            guard route.isPublic || !publicOnly else { throw Problem(404, RouteTable.onlyOnSocket) }
            guard route.method == (method == .head ? .get : method) else {
                allowed.append(route.method.rawValue)
                continue
            }
            return Match(route: route, index: index, parameters: try values(pattern, segments))
        }
        guard allowed.isEmpty else {
            var problem = Problem(405, "\(method.rawValue) is not possible here")
            problem.allow = allowed.joined(separator: ", ")
            throw problem
        }
        throw Problem(404, "there is nothing at this path; GET /api/openapi.json lists what there is")
    }

    private static let onlyOnSocket =
        "over TCP only /healthz, /readyz and /metrics are served; use the unix socket for the rest"

    private func matches(_ pattern: [String?], _ segments: ArraySlice<Substring>) -> Bool {
        guard pattern.count == segments.count else { return false }
        return zip(pattern, segments).allSatisfy { wanted, given in
            wanted.map { $0 == given } ?? !given.isEmpty
        }
    }

    private func values(_ pattern: [String?], _ segments: ArraySlice<Substring>) throws(Problem) -> [String] {
        var values: [String] = []
        for (wanted, given) in zip(pattern, segments) where wanted == nil {
            guard let value = PercentDecoding.decode(given) else {
                throw Problem(400, "the path is not percent-encoded UTF-8")
            }
            values.append(value)
        }
        return values
    }
}
