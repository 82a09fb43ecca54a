// The parts of an http or https URL that settings look at. Only as much of RFC 3986 as is needed to say what
// is wrong with a configured address; libcurl has the last word when it connects.

import Model

/// A URL in its parts.
struct WebAddress {
    /// `http` or `https`, or what else stands before `://`, lower case.
    var scheme: String
    /// User name and password before `@`; nil without `@`.
    var userInformation: String?
    /// Host name, IPv4 address or IPv6 address in brackets.
    var host: String
    /// Port, where one is written.
    var port: Int?
    /// What follows: path, query, fragment.
    var rest: String

    /// `scheme://host:port`.
    var origin: String {
        scheme + "://" + host + (port.map { ":\($0)" } ?? "")
    }

    /// Takes `text` apart.
    /// - Throws: `ValueError` in words that do not repeat `text`, which may hold a secret.
    init(parsing text: String, schemes: [String] = ["http", "https"]) throws(ValueError) {
        guard let separator = text.firstRange(of: "://") else {
            throw ValueError("does not begin with " + schemes.map { $0 + "://" }.joined(separator: " or "))
        }
        scheme = text[..<separator.lowerBound].lowercased()
        guard schemes.contains(scheme) else {
            throw ValueError("does not begin with " + schemes.map { $0 + "://" }.joined(separator: " or "))
        }
        guard text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F }) else {
            throw ValueError("holds a blank or a control character")
        }
        let remainder = text[separator.upperBound...]
        let end = remainder.firstIndex { "/?#".contains($0) } ?? remainder.endIndex
        var authority = remainder[..<end]
        rest = String(remainder[end...])
        if let at = authority.lastIndex(of: "@") {
            userInformation = String(authority[..<at])
            authority = authority[authority.index(after: at)...]
        }
        (host, port) = try WebAddress.hostAndPort(authority)
    }

    /// Takes `host:port`, `[::1]:port` or `host` apart.
    static func hostAndPort(_ authority: Substring) throws(ValueError) -> (String, Int?) {
        var host = authority
        var port: Int?
        let afterHost = authority.hasPrefix("[") ? authority.firstIndex(of: "]") : authority.startIndex
        guard let afterHost else { throw ValueError("has a host without its closing bracket") }
        if let colon = authority[afterHost...].firstIndex(of: ":") {
            host = authority[..<colon]
            let digits = authority[authority.index(after: colon)...]
            guard let number = Int(digits), (1...65_535).contains(number), digits.allSatisfy(\.isNumber)
            else {
                throw ValueError("has a port that is not between 1 and 65535")
            }
            port = number
        }
        let name = host.hasPrefix("[") ? host.dropFirst().dropLast() : host
        let allowed = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: "_"), 0x80...0xFF:
                true
            case UInt8(ascii: ":"), UInt8(ascii: "%"): host.hasPrefix("[")
            default: false
            }
        }
        guard !name.isEmpty, allowed else { throw ValueError("has no valid host") }
        return (String(host), port)
    }
}
