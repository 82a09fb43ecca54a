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
    private struct State {
        var connections: [ReceiverConnection] = []
        var threads: [WorkerThread] = []
        var requests: [ReceivedRequest] = []
        var isStopped = false
    }

    let port: UInt16
    private let socket: Int32
    private let state = Lock(State())
    private let acceptor = Lock<WorkerThread?>(nil)

    /// Listens and runs `script` on each connection.
    init(_ script: Script) {
        precondition(ProxyEnvironment.isSet)
        (socket, port) = Loopback.listen()
        let socket = socket
        let thread = try! WorkerThread(name: "receiver") { [weak self] in
            while true {
                let accepted = accept(socket, nil, nil)
                if accepted < 0 { return }
                guard let self else {
                    close(accepted)
                    return
                }
                self.serve(accepted, script)
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
    var requests: [ReceivedRequest] { state.withLock { $0.requests } }
    /// How many connections were accepted so far.
    var connectionCount: Int { state.withLock { $0.connections.count } }

    /// Ends all connections and threads.
    func stop() {
        let (connections, threads) = state.withLock { state in
            state.isStopped = true
            return (state.connections, state.threads)
        }
        shutdown(socket, Int32(SHUT_RDWR))
        for connection in connections { connection.shutDown() }
        let first = acceptor.withLock { acceptor in
            let first = acceptor
            acceptor = nil
            return first
        }
        guard let first else { return }
        first.join()
        for thread in threads { thread.join() }
        close(socket)
    }

    private func serve(_ accepted: Int32, _ script: Script) {
        state.withLock { state in
            let connection = ReceiverConnection(socket: accepted, number: state.connections.count + 1) {
                [weak self] request in
                self?.state.withLock { $0.requests.append(request) }
            }
            guard !state.isStopped else { return connection.close() }
            state.connections.append(connection)
            state.threads.append(
                try! WorkerThread(name: "connection") {
                    script.run(connection)
                    connection.close()
                })
        }
    }
}
