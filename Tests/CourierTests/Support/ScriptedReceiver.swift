// An HTTP receiver for tests that does exactly what a script says, good manners or bad, on loopback.
// A thread accepts, each connection has one more; `stop` (or the last reference) ends them all.

import Glibc
import Mailbox

/// A receiver on 127.0.0.1, on a port of its own.
///
/// ```swift
/// let receiver = ScriptedReceiver(.answering(202))
/// courier.send([Request(token: 1, url: receiver.url, transport: Transport())])
/// receiver.requests[0].body
/// ```
final class ScriptedReceiver: Sendable {
    let port: UInt16
    private let socket: Int32
    private let service = Service()
    private let acceptor = Lock<WorkerThread?>(nil)

    /// Listens and runs `script` on each connection.
    init(_ script: Script) {
        precondition(ProxyEnvironment.isSet)
        (socket, port) = Loopback.listen()
        let (socket, service) = (socket, service)
        let thread = try! WorkerThread(name: "receiver") {
            while true {
                let accepted = accept(socket, nil, nil)
                if accepted < 0 { return }
                service.serve(accepted, script)
            }
        }
        acceptor.withLock { $0 = thread }
    }

    deinit {
        stop()
    }

    /// `http://127.0.0.1:PORT/`
    var url: String { "http://127.0.0.1:\(port)/" }
    /// Requests read so far, by `ReceiverConnection.readRequest`.
    var requests: [ReceivedRequest] { service.state.withLock { $0.requests } }
    /// How many connections were accepted so far.
    var connectionCount: Int { service.state.withLock { $0.accepted } }

    /// Ends all connections and threads. May be called more than once, not by a script.
    func stop() {
        let first = acceptor.withLock { acceptor in
            let first = acceptor
            acceptor = nil
            return first
        }
        // The second time the descriptor may already be somebody else's.
        guard let first else { return }
        shutdown(socket, Int32(SHUT_RDWR))
        first.join()
        close(socket)
        service.stop()
    }
}

/// What a receiver's threads share. They never own the receiver itself, whose end waits for theirs.
private final class Service: Sendable {
    struct State {
        var accepted = 0
        var connections: [ReceiverConnection] = []
        var threads: [WorkerThread] = []
        var requests: [ReceivedRequest] = []
    }

    let state = Lock(State())

    func serve(_ accepted: Int32, _ script: Script) {
        state.withLock { state in
            state.accepted += 1
            let connection = ReceiverConnection(socket: accepted, number: state.accepted) { request in
                self.state.withLock { $0.requests.append(request) }
            }
            state.connections.append(connection)
            state.threads.append(
                try! WorkerThread(name: "connection") {
                    script.run(connection)
                    connection.close()
                })
        }
    }

    func stop() {
        let (connections, threads) = state.withLock { ($0.connections, $0.threads) }
        for connection in connections { connection.shutDown() }
        for thread in threads { thread.join() }
        // Connections hold this object.
        state.withLock { $0.connections = [] }
    }
}
