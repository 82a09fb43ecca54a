// Paths of the interface with what users typed in them, percent-encoded.

import Model

/// A request's path and query.
struct Target {
    /// The encoded text.
    private(set) var text: String
    private var hasQuery = false

    /// `/api/` and these segments.
    init(_ segments: String...) {
        text = "/api/" + segments.map(Target.encode).joined(separator: "/")
    }

    /// Adds the members as query parameters; lists by comma.
    mutating func add(_ members: [JSON.Member]) {
        for member in members {
            switch member.value {
            case .string(let value), .number(let value): add(member.key, value)
            case .array(let values): add(member.key, values.compactMap(\.text).joined(separator: ","))
            default: continue
            }
        }
    }

    /// Adds one query parameter.
    mutating func add(_ name: String, _ value: String?) {
        guard let value else { return }
        text += (hasQuery ? "&" : "?") + name + "=" + Target.encode(value)
        hasQuery = true
    }

    /// Everything but RFC 3986's unreserved characters and the comma of lists.
    private static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2c, 0x2d, 0x2e, 0x5f, 0x7e: bytes.append(byte)
            default: bytes += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
