// Decides whether an address may be connected to. Pure; asked before a socket is made for the address, and
// again before a request goes out on a connection that another plugin may have opened.

import Model

extension EgressPolicy {
    /// Whether a connection to `address` (4 bytes of IPv4 or 16 of IPv6) is allowed.
    ///
    /// The most specific network that contains the address decides; of an allowed and a denied network of the
    /// same length the denied one does. An IPv4 address inside an IPv6 one (mapped `::ffff:0:0/96`, NAT64
    /// `64:ff9b::/96`, RFC 6052) is judged as IPv4, and must not be denied as IPv6 either. The unspecified
    /// address (`0.0.0.0`, `::`) is judged as loopback, where Linux connects it to.
    package func permits(_ address: [UInt8]) -> Bool {
        guard address.count == 4 || address.count == 16 else { return false }
        if !address.contains(where: { $0 != 0 }) { return permits(EgressPolicy.loopback(address.count)) }
        guard let inside = EgressPolicy.embedded(address) else { return judges(address) }
        return judges(inside) && !isDenied(address)
    }

    private func judges(_ address: [UInt8]) -> Bool {
        let allowed = EgressPolicy.longestMatch(self.allowed, address)
        let denied = EgressPolicy.longestMatch(self.denied, address)
        guard let denied else { return allowed != nil || self.allowed.isEmpty }
        guard let allowed else { return false }
        return allowed > denied
    }

    private func isDenied(_ address: [UInt8]) -> Bool {
        guard let denied = EgressPolicy.longestMatch(self.denied, address) else { return false }
        return denied >= (EgressPolicy.longestMatch(self.allowed, address) ?? -1)
    }

    private static func longestMatch(_ networks: [Network], _ address: [UInt8]) -> Int? {
        var longest: Int?
        for network in networks where network.contains(address) {
            longest = max(longest ?? 0, network.prefix)
        }
        return longest
    }

    private static let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
    private static let translated: [UInt8] = [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0]

    private static func loopback(_ count: Int) -> [UInt8] {
        count == 4 ? [127, 0, 0, 1] : [UInt8](repeating: 0, count: 15) + [1]
    }

    private static func embedded(_ address: [UInt8]) -> [UInt8]? {
        guard address.count == 16 else { return nil }
        let isEmbedded = address.starts(with: mapped) || address.starts(with: translated)
        return isEmbedded ? Array(address.suffix(4)) : nil
    }
}
