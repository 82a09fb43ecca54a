// Between libcurl and epoll: which descriptors are waited for, and what happened to them.
// Failure: a descriptor that epoll refuses is left to libcurl's time-outs, and the request fails by them.

import CCurl
import CLinux
import Glibc
import Model

extension Engine {
    private static let readable = UInt32(EPOLLIN.rawValue)
    private static let writable = UInt32(EPOLLOUT.rawValue)
    private static let broken = UInt32(EPOLLERR.rawValue | EPOLLHUP.rawValue)

    /// Waits for `descriptor` to become readable, always.
    func register(_ descriptor: Int32) {
        control(EPOLL_CTL_ADD, descriptor, Engine.readable)
    }

    /// Passes an event on to libcurl.
    func act(_ event: epoll_event) {
        let socket = event.data.fd
        guard sockets.indices.contains(Int(socket)) else { return }
        guard sockets[Int(socket)].wanted != 0, let owner = sockets[Int(socket)].owner else {
            // An idle connection was closed by its peer; libcurl finds out before it uses it again.
            unregister(socket)
            return
        }
        var what: Int32 = 0
        if event.events & Engine.readable != 0 { what |= CURL_CSELECT_IN }
        if event.events & Engine.writable != 0 { what |= CURL_CSELECT_OUT }
        // Reading and writing tell more about a broken connection than libcurl's own "error".
        if event.events & Engine.broken != 0 { what |= CURL_CSELECT_IN | CURL_CSELECT_OUT }
        owner.lane.act(socket, what)
    }

    /// A connection's beginning: this descriptor's end will be told by `closeSocket`.
    func openedSocket(_ socket: Int32) {
        reserve(socket)
        sockets[Int(socket)] = SocketWatch(isConnection: true)
    }

    /// A connection's end: libcurl closes it here.
    func closeSocket(_ socket: Int32) -> Int32 {
        if sockets.indices.contains(Int(socket)) {
            if let owner = sockets[Int(socket)].owner, owner.socket == socket { saveLeftover(owner, socket) }
            // Closing takes it out of epoll.
            sockets[Int(socket)] = SocketWatch()
        }
        return Glibc.close(socket)
    }

    /// libcurl's wish for events on `socket`.
    func watch(_ socket: Int32, _ what: Int32, _ transfer: Transfer) {
        reserve(socket)
        let index = Int(socket)
        if what == CURL_POLL_REMOVE {
            sockets[index].wanted = 0
            if !sockets[index].isConnection { unregister(socket) }
            return
        }
        var wanted: UInt32 = 0
        if what & CURL_POLL_IN != 0 { wanted |= Engine.readable }
        if what & CURL_POLL_OUT != 0 { wanted |= Engine.writable }
        if sockets[index].owner !== transfer { sockets[index].owner = transfer }
        transfer.socket = socket
        sockets[index].wanted = wanted
        // Between two requests on a connection the wish goes and comes back: no system call for that.
        if sockets[index].registered == wanted { return }
        control(sockets[index].registered == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, wanted)
        sockets[index].registered = wanted
    }

    private func reserve(_ socket: Int32) {
        let missing = Int(socket) + 1 - sockets.count
        if missing > 0 { sockets += [SocketWatch](repeating: SocketWatch(), count: missing + 64) }
    }

    private func unregister(_ socket: Int32) {
        guard sockets[Int(socket)].registered != 0 else { return }
        control(EPOLL_CTL_DEL, socket, 0)
        sockets[Int(socket)].registered = 0
    }

    private func control(_ operation: Int32, _ descriptor: Int32, _ events: UInt32) {
        var event = epoll_event()
        event.events = events
        event.data.fd = descriptor
        guard epoll_ctl(epoll, operation, descriptor, &event) != 0 else { return }
        // The descriptor was closed and made again behind our back.
        if operation == EPOLL_CTL_MOD && errno == ENOENT {
            _ = epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event)
        } else if operation == EPOLL_CTL_ADD && errno == EEXIST {
            _ = epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event)
        }
    }

    /// Keeps what a receiver said before it broke the connection in the middle of a request. Only without TLS.
    private func saveLeftover(_ transfer: Transfer, _ socket: Int32) {
        guard transfer.stream != nil, !transfer.head.isComplete, transfer.tries > 0,
            transfer.request.url.hasPrefix("http://")
        else { return }
        var piece = [UInt8](repeating: 0, count: 16_384)
        while transfer.leftover.count < Transfer.headLimit * 2 {
            let got = recv(socket, &piece, piece.count, Int32(MSG_DONTWAIT))
            if got <= 0 { return }
            transfer.leftover += piece[..<got]
        }
    }
}
