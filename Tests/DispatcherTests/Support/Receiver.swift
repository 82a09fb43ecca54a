// An HTTP receiver on loopback for whole ways through the dispatcher: behaves by path, remembers what came, and lets
// a test wait for it.

import CLinux
import Glibc
import Mailbox

@testable import Dispatcher

/// A receiver on 127.0.0.1, on a port of its own.
final class Receiver: Sendable {
    /// A request as it came.
    struct Received: Sendable {
        var method = ""
        var path = ""
        var query = ""
        var headers: [String: String] = [:]
        var body: [UInt8] = []

        /// `webhook-id`.
        var id: String { headers["webhook-id"] ?? "" }
        /// The body as text.
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// What a path does with a request.
    enum Manners: Sendable {
        /// Answers.
        case answers(Int, [String] = [], body: String = "")
        /// Answers when the gate opens.
        case waits(Gate, Int)
        /// Reads the request and breaks the connection.
        case resets
        /// Asks the test.
        case asks(@Sendable (Received) -> (Int, String))
    }

    private struct State {
        var manners: [String: Manners] = [:]
        var received: [Received] = []
        var connections: [Int32] = []
        var threads: [WorkerThread] = []
        var isStopped = false
    }

    let port: UInt16
    private let socket: Int32
    private let state = Lock(State())
    private let arrivals = Mailbox<Void>()
    private let acceptor = Lock<WorkerThread?>(nil)

    /// Listens; every path answers 200 until told otherwise.
    init() {
        let listener = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                precondition(bind(listener, pointer, length) == 0, "bind: errno \(errno)")
                precondition(listen(listener, 1024) == 0, "listen: errno \(errno)")
                getsockname(listener, pointer, &length)
            }
        }
        socket = listener
        port = UInt16(bigEndian: address.sin_port)
        let thread = try! WorkerThread(name: "receiver") { [weak self] in
            while true {
                let accepted = accept4(listener, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
                if accepted < 0 { return }
                self?.take(accepted) ?? { _ = close(accepted) }()
            }
        }
        acceptor.withLock { $0 = thread }
    }

    /// `http://127.0.0.1:PORT/PATH`
    func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

    /// From now on requests to `path` (without its query) meet these manners.
    func on(_ path: String, _ manners: Manners) {
        state.withLock { $0.manners[path] = manners }
    }

    /// What came to `path` so far; nil: to any.
    func received(_ path: String? = nil) -> [Received] {
        state.withLock { $0.received.filter { path == nil || $0.path == path } }
    }

    /// Waits until `condition` holds of what came; false after 20 s without any request.
    func wait(_ condition: ([Received]) -> Bool) -> Bool {
        while !condition(received()) {
            if arrivals.wait(milliseconds: 20_000).isEmpty { return condition(received()) }
        }
        return true
    }

    /// Waits for `count` requests to `path`; those that came.
    func wait(_ count: Int, _ path: String) -> [Received] {
        _ = wait { $0.count { $0.path == path } >= count }
        return received(path)
    }

    /// Ends all connections and threads.
    func stop() {
        let threads = state.withLock { state in
            state.isStopped = true
            for connection in state.connections { shutdown(connection, Int32(SHUT_RDWR)) }
            return state.threads
        }
        shutdown(socket, Int32(SHUT_RDWR))
        let first = acceptor.withLock { acceptor in
            defer { acceptor = nil }
            return acceptor
        }
        first?.join()
        for thread in threads { thread.join() }
        if first != nil { close(socket) }
    }

    deinit { stop() }

    private func take(_ connection: Int32) {
        state.withLock { state in
            guard !state.isStopped else {
                close(connection)
                return
            }
            state.connections.append(connection)
            state.threads.append(
                try! WorkerThread(name: "connection") { [weak self] in
                    var buffer: [UInt8] = []
                    while let request = Receiver.read(connection, &buffer), let self {
                        guard self.serve(request, connection) else { break }
                    }
                    self?.forget(connection)
                    close(connection)
                })
        }
    }

    private func forget(_ connection: Int32) {
        state.withLock { state in state.connections.removeAll { $0 == connection } }
    }

    /// False: the connection is over.
    private func serve(_ request: Received, _ connection: Int32) -> Bool {
        let manners = state.withLock { state in
            state.received.append(request)
            return state.manners[request.path] ?? .answers(200)
        }
        arrivals.post(())
        switch manners {
        case .answers(let status, let headers, let body):
            return answer(connection, status, headers, body)
        case .waits(let gate, let status):
            gate.wait(milliseconds: -1)
            return answer(connection, status, [], "")
        case .resets:
            var now = linger(l_onoff: 1, l_linger: 0)
            setsockopt(connection, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
            return false
        case .asks(let ask):
            let (status, body) = ask(request)
            return answer(connection, status, [], body)
        }
    }

    private func answer(_ connection: Int32, _ status: Int, _ headers: [String], _ body: String) -> Bool {
        let lines = ["HTTP/1.1 \(status) Answer", "Content-Length: \(body.utf8.count)"] + headers
        let bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
        return send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    private static func read(_ connection: Int32, _ buffer: inout [UInt8]) -> Received? {
        let end: [UInt8] = [13, 10, 13, 10]
        while true {
            if let place = buffer.indices.first(where: { buffer[$0...].starts(with: end) }) {
                var request = head(buffer[..<place])
                let length = Int(request.headers["content-length"] ?? "") ?? 0
                while buffer.count < place + 4 + length {
                    guard fill(connection, &buffer) else { return nil }
                }
                request.body = Array(buffer[(place + 4)..<(place + 4 + length)])
                buffer.removeFirst(place + 4 + length)
                return request
            }
            guard fill(connection, &buffer) else { return nil }
        }
    }

    private static func fill(_ connection: Int32, _ buffer: inout [UInt8]) -> Bool {
        var piece = [UInt8](repeating: 0, count: 65_536)
        let got = recv(connection, &piece, piece.count, 0)
        if got > 0 { buffer += piece[..<got] }
        return got > 0
    }

    private static func head(_ bytes: ArraySlice<UInt8>) -> Received {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n")
        let words = lines[0].split(separator: " ")
        var request = Received(method: String(words[0]), path: String(words[1].prefix { $0 != "?" }))
        request.query = String(words[1].drop { $0 != "?" }.dropFirst())
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            request.headers[parts[0].lowercased()] =
                parts.count == 2 ? String(parts[1].drop { $0 == " " }) : ""
        }
        return request
    }
}
