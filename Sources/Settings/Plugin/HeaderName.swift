// Which header names a plugin may set: those that the dispatcher or HTTP itself does not already own.

import Model

/// Rules for names of request headers.
enum HeaderName {
    /// Headers that belong to the connection and the message (RFC 9110, 7.6.1 and 8.6; RFC 9112, 6).
    private static let owned: Set<String> = [
        "content-length", "host", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade",
        "expect", "proxy-connection", "proxy-authorization",
    ]

    /// What is wrong with a name, and what to do instead; nil when it may be set.
    static func problem(_ name: String) -> (message: String, suggestion: String)? {
        let lower = name.lowercased()
        if !isToken(name) {
            return (
                "`\(name)` is no name of a header", "Use letters, digits and -, such as header.X-Source"
            )
        }
        if lower.hasPrefix("webhook-") {
            return ("is set by the dispatcher", "Remove it; secret makes webhook-signature")
        }
        if lower == "content-type" { return ("is made from another key", "Write content_type = VALUE") }
        if owned.contains(lower) { return ("belongs to HTTP itself", "Remove it; it is sent as needed") }
        return nil
    }

    /// `token` of RFC 9110, 5.6.2.
    static func isToken(_ text: some StringProtocol) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }
}
