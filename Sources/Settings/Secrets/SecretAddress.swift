// An address that came from a reference is a secret as a whole, but a receiver repeats parts of it: an error page the
// path, a log line the key in the query. So the parts are looked for too.

import Model

/// Parts of a secret address.
enum SecretAddress {
    /// Shorter parts are too likely to be something else.
    private static let shortest = 8
    /// Letters alone are a word up to here, such as `services`, `webhooks` or `sendMessage`: taken out of all text, it
    /// would make other text unreadable, and it is no key.
    private static let longestWord = 15

    /// The path with the query, the path, its segments and the query's values, as far as they come from a reference.
    static func parts(of address: ResolvedText) -> [String] {
        var parts: [String] = []
        var before = ""
        for piece in address.pieces {
            switch piece {
            case .text(let text): before += text
            case .secret(let secret):
                parts += self.parts(of: secret.dropFirst(lengthOfHost(in: secret, after: before)))
                before += secret
            }
        }
        return parts.flatMap { part in
            [part, PercentDecoding.decode(part[...])].compactMap(\.self).filter { $0.count >= shortest }
        }
    }

    /// How much of `secret` belongs to scheme and host.
    private static func lengthOfHost(in secret: String, after before: String) -> Int {
        let address = before + secret
        guard let separator = address.firstRange(of: "://") else { return 0 }
        let end =
            address[separator.upperBound...].firstIndex { "/?#".contains($0) } ?? address.endIndex
        return max(0, address.distance(from: address.startIndex, to: end) - before.count)
    }

    private static func parts(of secret: Substring) -> [String] {
        let path = secret.prefix { $0 != "?" && $0 != "#" }
        var parts = [String(secret), String(path)]
        parts += path.split(separator: "/").filter { !isWord($0) }.map(String.init)
        for field in secret[path.endIndex...].split(whereSeparator: { "?&#".contains($0) }) {
            let value = field.firstIndex(of: "=").map { field[field.index(after: $0)...] } ?? field
            parts.append(String(value))
        }
        return parts
    }

    private static func isWord(_ segment: Substring) -> Bool {
        segment.count <= longestWord
            && segment.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
            }
    }
}
