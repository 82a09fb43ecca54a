// One accepted connection in the hands of a script: plain blocking reads and writes, and rude ways to end.
// Failure: reads return nil and writes false once the peer is gone or the receiver was stopped.

import Glibc
import Mailbox

/// A connection of a `ScriptedReceiver`. Used by its own thread only, but for `shutDown`.
final class ReceiverConnection: @unchecked Sendable {
    /// From 1, in the order of acceptance.
    let number: Int
    private let socket: Int32
    private let isClosed = Lock(false)
    private let onRequest: @Sendable (ReceivedRequest) -> Void
    private var buffer: [UInt8] = []

    init(socket: Int32, number: Int, onRequest: @escaping @Sendable (ReceivedRequest) -> Void) {
        self.socket = socket
        self.number = number
        self.onRequest = onRequest
    }

    /// Reads a head up to its empty line.
    func readHead() -> ReceivedRequest? {
        let end: [UInt8] = [0x0d, 0x0a, 0x0d, 0x0a]
        var searched = 0
        while true {
            if let index = buffer.index(of: end, from: max(0, searched - 3)) {
                let head = String(decoding: buffer[..<(index + 4)], as: UTF8.self)
                buffer.removeFirst(index + 4)
                return ReceivedRequest(head: head, connection: number)
            }
            searched = buffer.count
            guard fill() else { return nil }
        }
    }

    /// Reads a head and its body, and lists the request among the receiver's. nil: no head came.
    func readRequest() -> ReceivedRequest? {
        guard var request = readHead() else { return nil }
        let length = request.contentLength
        while buffer.count < length && fill() {}
        request.body = Array(buffer.prefix(length))
        request.isComplete = request.body.count == length
        buffer.removeFirst(request.body.count)
        onRequest(request)
        return request
    }

    /// Reads and drops up to `count` bytes of body; how many came.
    func discard(_ count: Int) -> Int {
        var dropped = min(count, buffer.count)
        buffer.removeFirst(dropped)
        var piece = [UInt8](repeating: 0, count: 262_144)
        while dropped < count {
            let got = recv(socket, &piece, min(piece.count, count - dropped), 0)
            if got <= 0 { break }
            dropped += got
        }
        return dropped
    }

    /// Sends all of `bytes`; false when the peer is gone.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let done = bytes.withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if done <= 0 { return false }
            sent += done
        }
        return true
    }

    /// Sends `text` as it is.
    @discardableResult
    func send(_ text: String) -> Bool {
        send(Array(text.utf8))
    }

    /// Sends a whole answer with its length.
    @discardableResult
    func answer(_ status: Int, _ fields: [String] = [], body: [UInt8] = []) -> Bool {
        let lines = ["HTTP/1.1 \(status) Answer", "Content-Length: \(body.count)"] + fields
        return send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
    }

    /// Waits until the peer closes, or the receiver is stopped.
    func hang() {
        while fill() { buffer.removeAll(keepingCapacity: true) }
    }

    /// Ends the connection with RST.
    func reset() {
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    /// Ends the connection; the kernel sends RST instead of FIN when there are unread bytes.
    func close() {
        isClosed.withLock { isClosed in
            if !isClosed { _ = Glibc.close(socket) }
            isClosed = true
        }
    }

    /// Wakes a script that is blocked on this connection. From another thread.
    func shutDown() {
        isClosed.withLock { isClosed in
            if !isClosed { _ = Glibc.shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    private func fill() -> Bool {
        var piece = [UInt8](repeating: 0, count: 65_536)
        let got = recv(socket, &piece, piece.count, 0)
        if got > 0 { buffer += piece[..<got] }
        return got > 0
    }
}

extension [UInt8] {
    /// Where `needle` begins, at or after `start`.
    func index(of needle: [UInt8], from start: Int = 0) -> Int? {
        var index = start
        while index + needle.count <= count {
            if self[index..<(index + needle.count)].elementsEqual(needle) { return index }
            index += 1
        }
        return nil
    }
}
