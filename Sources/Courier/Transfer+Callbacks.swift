// The functions libcurl calls during a transfer. None of them blocks on the network; reading and writing files
// is done right here, in large pieces.
// https://curl.se/libcurl/c/CURLOPT_WRITEFUNCTION.html and the pages of its neighbours.

import CCurl
import CLinux
import Glibc
import Model

extension Transfer {
    /// The transfer libcurl was given as its callbacks' argument.
    private static func of(_ pointer: UnsafeMutableRawPointer?) -> Transfer? {
        guard let pointer else { return nil }
        return Unmanaged<Transfer>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// Tells the handle which functions to call.
    func setCallbacks() {
        ccurl_set_transfer_callback(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, me in
            guard let bytes, let transfer = Transfer.of(me) else { return 0 }
            let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
            return transfer.receive(headerLine: line) ? line.count : 0
        }
        ccurl_set_transfer_callback(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, me in
            guard let bytes, let transfer = Transfer.of(me) else { return 0 }
            let piece = UnsafeRawBufferPointer(start: bytes, count: size * count)
            return transfer.receive(bodyPiece: piece) ? piece.count : 0
        }
        ccurl_set_transfer_callback(easy, CURLOPT_READFUNCTION) { target, size, count, me in
            guard let target, let stream = Transfer.of(me)?.stream else { return Int(CURL_READFUNC_ABORT) }
            return stream.read(into: target, count: size * count) ?? Int(CURL_READFUNC_ABORT)
        }
        ccurl_set_seek_callback(easy) { me, offset, origin in
            guard offset == 0, origin == SEEK_SET, let stream = Transfer.of(me)?.stream else {
                return CURL_SEEKFUNC_FAIL
            }
            stream.rewind()
            return CURL_SEEKFUNC_OK
        }
        ccurl_set_open_callback(easy) { me, _, address in
            guard let address, let transfer = Transfer.of(me) else { return -1 }
            return transfer.openSocket(address)
        }
        ccurl_set_close_callback(easy) { engine, socket in
            guard let engine else { return Glibc.close(socket) }
            return Unmanaged<Engine>.fromOpaque(engine).takeUnretainedValue().closeSocket(socket)
        }
        ccurl_set_before_request_callback(easy) { me, address, _, port, _ in
            guard let address, let transfer = Transfer.of(me) else { return CURL_PREREQFUNC_ABORT }
            return transfer.mayRequest(address, port) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
        }
    }

    /// Makes a socket for `address` unless the egress policy denies it. -1: denied or refused by the system.
    /// With a proxy this is the proxy's address: where the proxy connects to is the proxy's affair.
    private func openSocket(_ address: UnsafeMutablePointer<curl_sockaddr>) -> Int32 {
        if let bytes = Transfer.addressBytes(address), !request.transport.egress.permits(bytes) {
            refusal = refusal ?? Transfer.denied(Transfer.text(bytes))
            return -1
        }
        let type = address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
        let socket = Glibc.socket(address.pointee.family, type, address.pointee.protocol)
        guard socket >= 0 else {
            let words = String(cString: strerror(errno))
            refusal = ExchangeFailure(kind: .local, message: "no socket: \(words)")
            return -1
        }
        openedSockets += 1
        lane.engine.openedSocket(socket)
        return socket
    }

    /// Last look before a request goes out, on a new or a kept-alive connection (another plugin with another
    /// policy may have made it).
    private func mayRequest(_ address: UnsafePointer<CChar>, _ port: Int32) -> Bool {
        remote.update(address, port)
        if !remote.isPermitted && request.transport.unixSocket == nil {
            if let refusal = Transfer.refusal(remote, request.transport.egress) {
                abort = .failed(refusal)
                return false
            }
            remote.isPermitted = true
        }
        tries += 1
        return true
    }

    /// Why no request may go to `remote`; nil: it may. A connection that broke in the meantime has no address any
    /// more: that is the receiver's doing, and no matter of policy.
    static func refusal(_ remote: RemoteAddress, _ egress: EgressPolicy) -> ExchangeFailure? {
        guard let bytes = remote.bytes else {
            return ExchangeFailure(
                kind: .connect, message: "the connection was broken before the request could be sent")
        }
        return egress.permits(bytes) ? nil : denied(remote.text ?? text(bytes))
    }

    private static func denied(_ address: String) -> ExchangeFailure {
        ExchangeFailure(
            kind: .egress,
            message: "connecting to \(address) is not allowed; see allow_addresses and deny_addresses")
    }

    /// The IP address in `address`; nil for unix sockets.
    private static func addressBytes(_ address: UnsafeMutablePointer<curl_sockaddr>) -> [UInt8]? {
        guard let start = MemoryLayout<curl_sockaddr>.offset(of: \.addr) else { return nil }
        let raw = UnsafeRawPointer(address) + start
        switch address.pointee.family {
        case AF_INET:
            return withUnsafeBytes(of: raw.loadUnaligned(as: sockaddr_in.self).sin_addr) { Array($0) }
        case AF_INET6:
            return withUnsafeBytes(of: raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr) { Array($0) }
        default:
            return nil
        }
    }

    private static func text(_ address: [UInt8]) -> String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = address.count == 4 ? AF_INET : AF_INET6
        guard inet_ntop(family, address, &text, socklen_t(text.count)) != nil else { return "?" }
        return text.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "?" }
    }
}
