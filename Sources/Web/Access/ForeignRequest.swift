// Requests that a browser makes because a page of somebody else wants it (CSRF, DNS rebinding). Where nobody logs in,
// as on a forwarded unix socket, this is all that stands between such a page and the interface. Pure.

import Hummingbird

/// What a browser says about who wants a request.
enum ForeignRequest {
    /// The header that the dashboard's requests carry: other origins cannot send it without being asked first.
    static let proof = "x-mwdb-webhooks"
    private static let proofName = HTTPFields.Element.Name(proof)
    private static let site = HTTPFields.Element.Name("sec-fetch-site")
    private static let mode = HTTPFields.Element.Name("sec-fetch-mode")

    /// Why the request is refused; nil: it is no browser's, or our own page's.
    static func complaint(about request: Request) -> String? {
        let site = value(Self.site, request)
        let isChange = request.method != .get && request.method != .head
        if let site, site != "same-origin", site != "none" {
            // A link on another page may lead here; nothing else.
            let isLink = !isChange && value(mode, request) == "navigate"
            return isLink ? nil : "a page of another origin made this request"
        }
        guard isChange else { return nil }
        if site == nil, let origin = request.headers[.origin] {
            let host = origin.split(separator: "/").last.map(String.init)
            guard host == request.head.authority else {
                return "a page of \(origin) made this request; behind a proxy a browser needs https"
            }
        }
        guard !isBrowser(request) || value(proofName, request) != nil else {
            return "a browser's request needs the header \(proof)"
        }
        return nil
    }

    /// Whether a browser made it, as far as its headers say so.
    static func isBrowser(_ request: Request) -> Bool {
        request.headers[.origin] != nil || value(site, request) != nil
            || request.headers[.cookie] != nil
    }

    private static func value(_ name: HTTPFields.Element.Name?, _ request: Request) -> String? {
        name.flatMap { request.headers[$0] }
    }
}
