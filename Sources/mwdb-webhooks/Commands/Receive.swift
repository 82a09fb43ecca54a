// `receiver`: a receiver that prints what arrives. For first steps and for writing a receiver of one's own.

import ArgumentParser
import Logging
import Model
import Settings
import Web

/// Prints requests.
struct Receive: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "receiver",
        abstract: "A receiver that prints what arrives.",
        discussion: """
            Answers each request and prints it: head, body, or the parts of a form with size and SHA-256. With --secret \
            the signature is verified as a receiver should.

              mwdb-webhooks receiver --listen 127.0.0.1:9000
              mwdb-webhooks receiver --status 503 --retry-after 30      what happens when I am down?
              mwdb-webhooks receiver --body '{"task_uid": "42"}'        what would an extraction make of it?
            """)

    @Option(help: ArgumentHelp("Where to listen: HOST:PORT or unix:PATH.", valueName: "address"))
    var listen = "127.0.0.1:9000"
    @Option(help: ArgumentHelp("Verify signatures with this (whsec_… or whpk_…).", valueName: "secret"))
    var secret: String?
    @Option(help: ArgumentHelp("Status to answer.", valueName: "code")) var status = 200
    @Option(help: ArgumentHelp("Body to answer.", valueName: "text")) var body: String?
    @Option(help: ArgumentHelp("Retry-After to answer.", valueName: "seconds")) var retryAfter: Int?
    @Option(help: ArgumentHelp("Wait before the answer: 100ms, 5s.", valueName: "duration")) var delay:
        String?
    @Flag(help: "Print one JSON object a request.") var json = false

    func validate() throws {
        guard (200...599).contains(status) else { throw ValidationError("--status must be from 200 to 599") }
        _ = try (address(), key(), pause())
    }

    func run() async throws {
        var answer = Receiver.Answer()
        answer.status = status
        answer.body = Array((body ?? "").utf8)
        answer.retryAfter = retryAfter
        answer.delay = try pause()
        let terminal = Terminal.standard
        let isJSON = json
        let log = Logger(label: "receiver", factory: { _ in SwiftLogNoOpLogHandler() })
        let receiver = Receiver(try address(), answer: answer, key: try key(), log: log) { request in
            let text =
                isJSON ? ReceivedText.json(request) : ReceivedText.lines(request, style: terminal.style)
            try? terminal.write(text)
        }
        let wishes = try Signals.wishes()
        do {
            try await receiver.start()
        } catch {
            throw CommandFailure(error.description)
        }
        if !json { try terminal.write("Listening on \(receiver.address); end with Ctrl-C") }
        for await wish in wishes where wish == .stop { break }
        await receiver.stop(within: .seconds(1))
    }

    private func address() throws -> Listen {
        if listen.hasPrefix("unix:"), listen.utf8.count > 5 {
            return .unix(path: String(listen.dropFirst(5)))
        }
        guard let colon = listen.lastIndex(of: ":"), let port = Int(listen[listen.index(after: colon)...]),
            (0...65_535).contains(port), colon > listen.startIndex
        else { throw ValidationError("--listen must be HOST:PORT or unix:PATH, not '\(listen)'") }
        let host = listen[..<colon].filter { $0 != "[" && $0 != "]" }
        return .tcp(host: String(host), port: port)
    }

    private func key() throws -> VerifyingKey? {
        do {
            return try secret.map(VerifyingKey.init(parsing:))
        } catch {
            throw ValidationError("--secret: \(error)")
        }
    }

    private func pause() throws -> Span {
        do {
            return try delay.map(Span.init(parsing:)) ?? .milliseconds(0)
        } catch {
            throw ValidationError("--delay: \(error)")
        }
    }
}
