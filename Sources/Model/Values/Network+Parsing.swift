// Networks as they are configured: `10.0.0.0/8`, `fe80::/10`, `::1`.

extension Network {
    /// Reads an IPv4 or IPv6 address with a prefix length, or without one: that address alone. Bits beyond the
    /// prefix must be zero: `10.1.2.3/8` is more likely a slip than a network.
    /// - Throws: `ValueError` for anything else.
    package init(parsing text: String) throws(ValueError) {
        let example = "networks look like 10.0.0.0/8, 192.0.2.7 or fd00::/8"
        let parts = text.trimmedBlanks().split(separator: "/", omittingEmptySubsequences: false)
        guard let first = parts.first, parts.count <= 2, let address = Self.address(String(first)) else {
            throw ValueError("`\(text)` is no network; \(example)")
        }
        let width = address.count * 8
        var prefix = width
        if parts.count == 2 {
            guard (1...3).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy(\.isDigit),
                let bits = Int(parts[1]), bits <= width
            else { throw ValueError("`\(text)`: the prefix length is 0 to \(width)") }
            prefix = bits
        }
        guard address == Self.masked(address, prefix: prefix) else {
            throw ValueError("`\(text)` has bits set beyond its prefix of \(prefix)")
        }
        self.init(address: address, prefix: prefix)
    }

    /// Whether `candidate` (4 or 16 bytes) lies in this network; false for an address of the other family. An
    /// IPv4 address inside an IPv6 one is the egress policy's affair.
    package func contains(_ candidate: [UInt8]) -> Bool {
        guard candidate.count == address.count, prefix >= 0, prefix <= address.count * 8 else { return false }
        let whole = prefix / 8
        for index in 0..<whole where candidate[index] != address[index] { return false }
        let rest = prefix % 8
        guard rest > 0 else { return true }
        let mask = UInt8(truncatingIfNeeded: 0xff00 >> rest)
        return candidate[whole] & mask == address[whole] & mask
    }

    /// The 4 or 16 bytes of an address in text; nil when it is none.
    package static func address(_ text: String) -> [UInt8]? {
        text.utf8.contains(UInt8(ascii: ":")) ? version6(text) : version4(text)
    }

    private static func masked(_ address: [UInt8], prefix: Int) -> [UInt8] {
        address.enumerated().map { index, byte in
            let bits = min(8, max(0, prefix - index * 8))
            return byte & UInt8(truncatingIfNeeded: 0xFF00 >> bits)
        }
    }

    private static func version4(_ text: String) -> [UInt8]? {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard (1...3).contains(part.count), part.allSatisfy(\.isDigit),
                part.count == 1 || part.first != 0x30,
                let byte = UInt8(Substring(part))
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static func version6(_ text: String) -> [UInt8]? {
        let halves = text.split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2, let head = groups(halves[0]) else { return nil }
        guard halves.count == 2 else { return head.count == 16 ? head : nil }
        guard let tail = groups(halves[1]), head.count + tail.count <= 14 else { return nil }
        return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    /// Groups of hex digits, the last possibly an IPv4 address.
    private static func groups(_ text: Substring) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        var bytes: [UInt8] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, part.utf8.contains(UInt8(ascii: ".")) {
                guard let last = version4(String(part)) else { return nil }
                bytes += last
            } else {
                guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy({ $0.isDigit || $0.isLetter }),
                    let group = UInt16(part, radix: 16)
                else { return nil }
                bytes += [UInt8(group >> 8), UInt8(group & 0xFF)]
            }
        }
        return bytes
    }
}
