// One address of the HTTP interface, an element of `listen`.

/// Where the HTTP interface listens.
package enum Listen: Sendable, Hashable, CustomStringConvertible {
    /// A unix socket at an absolute path; its mode decides who may use the interface.
    case unix(path: String)
    /// A TCP address; `host` is a name or an IP address without brackets, `port` 1 to 65535, or 0 for any free
    /// one where it is made in code.
    case tcp(host: String, port: Int)

    /// As it is written in `listen`.
    package var description: String {
        switch self {
        case .unix(let path): "unix:" + path
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }
}
