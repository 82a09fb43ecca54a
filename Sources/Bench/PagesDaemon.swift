// A daemon on the outbox of the scenario `pages`, as a process of its own: what commands and the dashboard ask.

import Courier
import Glibc
import Model

/// A running daemon with the plugins of `PagesOutbox`.
final class PagesDaemon: Sendable {
    /// Its configuration, for commands.
    let configuration: String
    /// Milliseconds from its start until it was ready.
    let readyAfter: Double
    private let socket: String
    private let process: SpawnedCommand

    /// Starts the daemon on the outbox in `folder`, with plugins that deliver to `url`.
    /// - Throws: `BenchError`, with what the daemon said.
    init(folder: String, url: String) async throws {
        configuration = folder + "/webhooks.ini"
        socket = folder + "/s"
        guard socket.utf8.count < 100 else {
            throw BenchError("the path of --directory is too long for a unix socket in it")
        }
        let plugins = PagesOutbox.plugins.map { "[plugin:\($0)]\nurl = \(url)/\nhooks = on_created_file\n" }
        try Self.write(
            """
            [webhooks]
            outbox = outbox
            spool = spool
            listen = unix:s
            min_free_space = 100MB
            plugins = \(PagesOutbox.plugins.joined(separator: ", "))
            \(plugins.joined(separator: "\n"))
            """, to: configuration)
        let log = folder + "/log"
        let start = nanoseconds()
        let process = try SpawnedCommand(["run", "--config", configuration], log: log)
        while Self.send("GET", "/readyz", nil, socket).status != 200 {
            guard !process.isOver, nanoseconds() - start < 60_000_000_000 else {
                throw BenchError("the daemon does not start; see \(log)")
            }
            try await Task.sleep(for: .milliseconds(2))
        }
        readyAfter = Double(nanoseconds() - start) / 1e6
        self.process = process
    }

    /// Stops it.
    /// - Throws: `BenchError` unless it ended well.
    func stop() throws(BenchError) {
        guard process.wait(ending: true) == 0 else { throw BenchError("the daemon did not end well") }
    }

    /// Asks it; the answer's body.
    /// - Throws: `BenchError` unless the answer is a good one.
    @discardableResult
    func ask(_ method: String = "GET", _ path: String, _ body: [UInt8]? = nil) throws(BenchError) -> JSON {
        let (status, bytes) = Self.send(method, path, body, socket)
        guard (200..<300).contains(status) else {
            throw BenchError(
                "\(method) \(path): \(status) \(String(decoding: bytes.prefix(500), as: UTF8.self))")
        }
        return (try? JSON.parse(bytes)) ?? .null
    }

    private static func send(
        _ method: String, _ path: String, _ body: [UInt8]?, _ socket: String
    ) -> (status: Int, body: [UInt8]) {
        let reply = Courier.exchange(
            Request(
                token: 0, method: method, url: "http://localhost" + path,
                headers: body == nil ? [] : [Header("content-type", "application/json")],
                body: body.map { .bytes($0) } ?? .none, answer: .memory(limit: 64 << 20),
                transport: Transport(unixSocket: socket)))
        guard case .answer(let answer) = reply.result else { return (0, []) }
        return (answer.status, answer.body)
    }

    private static func write(_ text: String, to path: String) throws(BenchError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        let bytes = Array(text.utf8)
        guard descriptor >= 0, Glibc.write(descriptor, bytes, bytes.count) == bytes.count,
            close(descriptor) == 0
        else { throw BenchError("cannot write \(path): \(String(cString: strerror(errno)))") }
    }
}
