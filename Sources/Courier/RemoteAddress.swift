// The address a transfer's connection goes to, kept as text: most requests of a handle go to the same one.

import Glibc

/// Address and port of the connected peer.
struct RemoteAddress {
    /// `10.0.0.7:443`, `[::1]:80`; nil for a unix socket or before a connection.
    private(set) var text: String?
    /// The egress policy in force has allowed this address.
    var isPermitted = false
    private var address: [CChar] = []
    private var port: Int32 = 0

    /// Takes over libcurl's address; cheap when it is the one already here.
    mutating func update(_ newAddress: UnsafePointer<CChar>, _ newPort: Int32) {
        let length = strlen(newAddress)
        let isSame =
            newPort == port && length == address.count
            && address.withUnsafeBytes {
                memcmp($0.baseAddress ?? UnsafeRawPointer(newAddress), newAddress, length)
            } == 0
        if isSame { return }
        address = Array(UnsafeBufferPointer(start: newAddress, count: length))
        port = newPort
        isPermitted = false
        let words = String(cString: newAddress)
        text = length == 0 ? nil : words.contains(":") ? "[\(words)]:\(newPort)" : "\(words):\(newPort)"
    }

    /// The address as 4 or 16 bytes; nil when it is none.
    var bytes: [UInt8]? {
        let text = address + [0]
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 { return Array(bytes.prefix(4)) }
        if inet_pton(AF_INET6, text, &bytes) == 1 { return bytes }
        return nil
    }
}
