// Sockets on loopback for tests.

import Glibc

/// Plain sockets on 127.0.0.1.
enum Loopback {
    /// A listening socket and the port it got.
    static func listen(backlog: Int32 = 4096) -> (socket: Int32, port: UInt16) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = self.address(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                precondition(bind(listener, pointer, length) == 0, "bind: errno \(errno)")
                precondition(Glibc.listen(listener, backlog) == 0, "listen: errno \(errno)")
                getsockname(listener, pointer, &length)
            }
        }
        return (listener, UInt16(bigEndian: address.sin_port))
    }

    /// A listening unix socket at `path`.
    static func listen(path: String) -> Int32 {
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                let length = socklen_t(MemoryLayout<sockaddr_un>.size)
                precondition(bind(listener, pointer, length) == 0, "bind \(path): errno \(errno)")
            }
        }
        precondition(Glibc.listen(listener, 16) == 0, "listen: errno \(errno)")
        return listener
    }

    /// Starts connecting to `port` without waiting.
    static func connect(port: UInt16) -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let client = socket(AF_INET, type, 0)
        var address = self.address(port: port)
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                _ = Glibc.connect(client, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return client
    }

    private static func address(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }
}
