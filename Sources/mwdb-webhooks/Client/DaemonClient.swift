// Talks to the running daemon over its unix socket, for all commands that need it.
// Failure: in words that say what to do: no daemon, no permission, or what the daemon itself answered.

import Courier
import Glibc
import Model
import Settings

/// The daemon, as commands see it.
struct DaemonClient: Sendable {
    /// Its unix socket.
    let socket: String
    /// Where the path comes from, for messages.
    private let origin: String

    /// Largest answer: a page of deliveries with large events.
    private static let largestAnswer = 256 << 20

    /// The daemon whose socket is `socket`, or the first unix socket of `listen` in the configuration.
    /// - Throws: `CommandFailure` when there is no unix socket in `listen`, or `config` has errors.
    init(socket: String?, config: String?) throws(CommandFailure) {
        if let socket {
            self.socket = socket
            origin = "--socket"
            return
        }
        let settings = try ConfigOptions.globalSettings(config)
        let found = settings.listen.compactMap { listen in
            if case .unix(let path) = listen { path } else { nil }
        }
        guard let path = found.first else {
            throw CommandFailure(
                "`listen` has no unix socket, which commands need to reach the daemon; "
                    + "add unix:/run/mwdb-webhooks/api.sock to it and restart the daemon")
        }
        self.socket = path
        origin = settings.files.first.map { "listen in \($0)" } ?? "the default of listen"
    }

    /// GETs `path`; JSON of the answer.
    func get(_ path: String) throws(CommandFailure) -> DaemonAnswer {
        try exchange("GET", path, body: .none, type: nil)
    }

    /// POSTs JSON to `path`.
    func post(_ path: String, _ body: JSON? = nil) throws(CommandFailure) -> DaemonAnswer {
        let body = body.map { RequestBody.bytes($0.serialised()) } ?? .none
        return try exchange("POST", path, body: body, type: "application/json")
    }

    /// POSTs the file at `sample` to `path`.
    func post(_ path: String, sample: String) throws(CommandFailure) -> DaemonAnswer {
        let content = FileContent(path: sample, size: nil, sha256: nil)
        return try exchange("POST", path, body: .file(content), type: "application/octet-stream")
    }

    /// GETs `path`, whose answer is no JSON.
    func getBytes(_ path: String) throws(CommandFailure) -> Answer {
        let answer = try send("GET", path, body: .none, type: nil)
        guard (200..<300).contains(answer.status) else { throw Self.refusal(answer) }
        guard !answer.truncated else { throw CommandFailure("the daemon's answer is too large") }
        return answer
    }

    /// POSTs lines of NDJSON as events; the answer as it is, a refusal too.
    func postLines(_ lines: [[UInt8]]) throws(CommandFailure) -> Answer {
        try send(
            "POST", "/api/events", body: .bytes(Array(lines.joined(separator: [10]))),
            type: "application/x-ndjson")
    }

    private static func refusal(_ answer: Answer) -> CommandFailure {
        do throws(CommandFailure) {
            _ = try DaemonAnswer(answer)
            return CommandFailure("the daemon answered \(answer.status)")
        } catch {
            return error
        }
    }

    private func exchange(
        _ method: String, _ path: String, body: RequestBody, type: String?
    ) throws(CommandFailure) -> DaemonAnswer {
        try DaemonAnswer(try send(method, path, body: body, type: type))
    }

    private func send(
        _ method: String, _ path: String, body: RequestBody, type: String?
    ) throws(CommandFailure) -> Answer {
        try checkSocket()
        let transport = Transport(
            unixSocket: socket, connectTimeout: .seconds(10), stallTimeout: .minutes(10),
            totalTimeout: .hours(1))
        let headers = type.map { [Header("content-type", $0)] } ?? []
        let request = Request(
            token: 0, method: method, url: "http://localhost" + path, headers: headers, body: body,
            answer: .memory(limit: DaemonClient.largestAnswer), transport: transport)
        switch Courier.exchange(request).result {
        case .answer(let answer): return answer
        case .failure(let failure): throw self.failure(failure)
        }
    }

    private func checkSocket() throws(CommandFailure) {
        var information = stat()
        if stat(socket, &information) == 0 {
            guard information.st_mode & S_IFMT == S_IFSOCK else {
                throw CommandFailure("\(socket) (\(origin)) is no socket; correct `listen`")
            }
            guard access(socket, W_OK) == 0 else { throw notAllowed }
            return
        }
        switch errno {
        case EACCES: throw notAllowed
        case ENOENT, ENOTDIR:
            throw CommandFailure(
                "the daemon does not run: there is no socket at \(socket) (\(origin)). "
                    + "Start it with `systemctl start mwdb-webhooks` or `mwdb-webhooks run`; "
                    + "if it runs with another configuration, name that with --config",
                isWithoutDaemon: true)
        default: throw CommandFailure("cannot use \(socket) (\(origin)): \(String(cString: strerror(errno)))")
        }
    }

    private var notAllowed: CommandFailure {
        CommandFailure(
            "no permission to use \(socket) (\(origin)). "
                + "Run the command as the daemon's user, or as a member of the socket's group")
    }

    private func failure(_ failure: ExchangeFailure) -> CommandFailure {
        guard failure.kind == .connect else {
            return CommandFailure("no answer of the daemon at \(socket): \(failure.message)")
        }
        return CommandFailure(
            "the daemon does not run: nobody answers at \(socket) (\(origin)). "
                + "Start it with `systemctl start mwdb-webhooks` or `mwdb-webhooks run`, or look why it ended: "
                + "`journalctl -u mwdb-webhooks`",
            isWithoutDaemon: true)
    }
}
