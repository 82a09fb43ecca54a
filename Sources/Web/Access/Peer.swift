// The other end of a connection: a process of this machine, or an address.

import CLinux
import Glibc
import NIOCore

/// The other end of a connection.
struct Peer: Sendable {
    private let channel: (any Channel)?

    init(_ channel: (any Channel)?) {
        self.channel = channel
    }

    /// IP address; `local` for a unix socket.
    var address: String { channel?.remoteAddress?.ipAddress ?? "local" }

    /// `unix:1000 (alice)`, from SO_PEERCRED (unix(7)).
    var user: String {
        get async {
            guard let provider = channel as? any SocketOptionProvider else { return "unix" }
            let future: EventLoopFuture<Credentials> = provider.unsafeGetSocketOption(
                level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED))
            guard let credentials = try? await future.get() else { return "unix" }
            let login = Peer.login(credentials.user)
            return "unix:\(credentials.user)" + (login.map { " (\($0))" } ?? "")
        }
    }

    /// `struct ucred`.
    private struct Credentials: Sendable {
        var process: Int32 = 0
        var user: UInt32 = 0
        var group: UInt32 = 0
    }

    private static func login(_ user: UInt32) -> String? {
        var entry = passwd()
        var buffer = [CChar](repeating: 0, count: 4096)
        var found: UnsafeMutablePointer<passwd>?
        guard getpwuid_r(user, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return entry.pw_name.map { String(cString: $0) }
    }
}
