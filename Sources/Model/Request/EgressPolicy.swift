// Which addresses a plugin may connect to. Checked by Courier on the address of the connected socket,
// so that a host name which resolves to another address later cannot get around it.

/// `allow_addresses` and `deny_addresses` of a plugin.
package struct EgressPolicy: Sendable, Equatable {
    /// Networks that are allowed; empty: all that are not denied.
    package var allowed: [Network]
    /// Networks that are denied, unless a more specific allowed network contains the address.
    package var denied: [Network]

    /// The default: private addresses allowed, link-local denied (cloud metadata lives there).
    package init(allowed: [Network] = [], denied: [Network] = Network.linkLocal) {
        self.allowed = allowed
        self.denied = denied
    }
}

/// An IP network in CIDR notation.
package struct Network: Sendable, Equatable {
    /// Network address: 4 bytes for IPv4, 16 for IPv6.
    package var address: [UInt8]
    /// Prefix length in bits.
    package var prefix: Int

    /// A network of `prefix` bits.
    package init(address: [UInt8], prefix: Int) {
        self.address = address
        self.prefix = prefix
    }

    /// 169.254.0.0/16 and fe80::/10.
    package static let linkLocal: [Network] = [
        Network(address: [169, 254, 0, 0], prefix: 16),
        Network(address: [0xfe, 0x80] + [UInt8](repeating: 0, count: 14), prefix: 10),
    ]
}
