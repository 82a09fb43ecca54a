// A file of the dashboard, held in the program: one binary, nothing to install, nothing from elsewhere.

import Crypto

/// A file that pages are made of.
struct Asset: Sendable {
    /// Where it is served: `/assets/app.js`.
    let path: String
    /// Its media type.
    let type: String
    /// Its bytes.
    let bytes: [UInt8]
    /// Changes with its bytes.
    let tag: String

    /// A file of these characters.
    init(_ path: String, _ type: String, _ text: String) {
        self.path = path
        self.type = type
        bytes = Array(text.utf8)
        let digest = SHA256.hash(data: bytes).prefix(8)
        tag = "\"" + digest.map { String($0, radix: 16) }.joined(separator: "-") + "\""
    }

    /// A script module.
    static func script(_ name: String, _ text: String) -> Asset {
        Asset("/assets/\(name).js", "text/javascript; charset=utf-8", text)
    }

    /// All files.
    static let all: [Asset] = [
        Asset("/", "text/html; charset=utf-8", page),
        Asset("/assets/style.css", "text/css; charset=utf-8", style + styleOfPages),
        Asset("/assets/icon.svg", "image/svg+xml", icon),
        script("app", app), script("api", api), script("dom", dom), script("format", format),
        script("parts", parts), script("chart", chart), script("actions", actions), script("login", login),
        script("overview", overview), script("deliveries", deliveries), script("delivery", delivery),
        script("attempt", attempt), script("request", request), script("plugins", plugins),
        script("plugin", plugin),
        script("testevent", testEvent), script("dead", dead), script("audit", audit), script("ages", ages),
    ]
}
