// What the engine knows of one descriptor.

/// A descriptor's place in epoll, and whose it is.
struct SocketWatch {
    /// Events epoll reports now; 0: not registered.
    var registered: UInt32 = 0
    /// Events libcurl wants now; 0: none.
    var wanted: UInt32 = 0
    /// Made by `openSocket` and closed by `closeSocket`: its end is noticed, so that it may stay registered
    /// between requests. libcurl's own descriptors (resolver) may not.
    var isConnection = false
    /// The transfer that used it last.
    var owner: Transfer?
}
