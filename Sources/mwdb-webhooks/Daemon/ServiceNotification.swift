// Tells systemd how the daemon is (sd_notify(3)): a datagram to the socket that NOTIFY_SOCKET names, without
// libsystemd. Failure: outside systemd there is no socket and nothing is said; a lost datagram is systemd's loss.

import CLinux
import Glibc
import Mailbox

/// The service manager's notification socket.
struct ServiceNotification: Sendable {
    private let path: [UInt8]

    /// The socket of `environment`; nil when nobody wants to know.
    init?(environment: [String: String]) {
        guard let path = environment["NOTIFY_SOCKET"], path.hasPrefix("/") || path.hasPrefix("@") else {
            return nil
        }
        self.path = Array(path.utf8)
        guard self.path.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path) else { return nil }
    }

    /// Says `assignments`, lines of `KEY=value`; false when nobody took it.
    @discardableResult
    func say(_ assignments: String...) -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // `@` stands for the NUL of an abstract socket, unix(7), whose name ends with the address.
        let name = path.first == UInt8(ascii: "@") ? [0] + path.dropFirst() : path
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
        let length = socklen_t(offset + name.count + (name.first == 0 ? 0 : 1))
        let message = Array(assignments.joined(separator: "\n").utf8)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, message, message.count, Int32(MSG_NOSIGNAL), $0, length)
                    == message.count
            }
        }
    }

    /// `MONOTONIC_USEC=…`, which has to come with RELOADING=1.
    static var monotonicTime: String {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return "MONOTONIC_USEC=\(Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000)"
    }

    /// How often the watchdog wants a sign of life, in microseconds; nil: it does not, or it means another process.
    static func watchdogInterval(environment: [String: String]) -> Int64? {
        guard let interval = environment["WATCHDOG_USEC"].flatMap({ Int64($0) }), interval > 0 else {
            return nil
        }
        if let pid = environment["WATCHDOG_PID"], pid != String(getpid()) { return nil }
        return interval
    }
}
