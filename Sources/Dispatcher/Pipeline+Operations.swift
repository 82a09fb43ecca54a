// What an operator does to the running dispatcher.

import Courier
import Crypto
import Glibc
import Mailbox
import Model
import Outbox
import Settings

extension Pipeline {
    /// Pauses a plugin: nothing of its queue is sent, nothing is lost.
    package func pause(_ plugin: String, because reason: String) async throws {
        let number = try number(of: plugin)
        try await outbox.pause(number, because: reason)
        tell(.pause(number, because: reason))
    }

    /// Resumes a paused plugin.
    package func resume(_ plugin: String) async throws {
        let number = try number(of: plugin)
        try await outbox.resume(number)
        try await outbox.setNotBefore(number, nil)
        tell(.resume(number))
    }

    /// Makes deliveries ready at once, whatever became of them; returns how many. A suspended receiver is tried at
    /// once too.
    package func retry(_ selection: DeliverySelection) async throws -> Int {
        let count = try await outbox.retry(selection)
        tell(.wake(selection.queues))
        return count
    }

    /// Calls deliveries off; returns how many.
    package func cancel(_ selection: DeliverySelection) async throws -> Int {
        // What is claimed and waits to be sent must not be sent after it was called off.
        try await dispatch.holding(selection.queues) {
            try await outbox.cancel(selection)
        }
    }

    /// Delivers events again, to `plugin`.
    package func replay(
        _ selection: EventSelection, to plugin: String, newID: Bool
    ) async throws -> ReplayResult {
        try await outbox.replay(selection, to: try number(of: plugin), newID: newID)
    }

    /// Sends a test event to a plugin and says what came of it. Nothing is stored, nothing written back.
    /// - Parameters:
    ///   - hook: The event's hook; nil: the first that the plugin subscribes to.
    ///   - sample: Path of the file to send; needed where the plugin sends samples.
    package func ping(_ plugin: String, hook: String?, sample: String?) async throws -> PingReport {
        guard let configured = settings.plugin(plugin) else {
            throw PipelineError("plugin '\(plugin)' is not in the configuration")
        }
        let file = try sampleReference(configured, sample)
        var generator = SystemRandomNumberGenerator()
        let hook = hook ?? configured.firstHook
        let event = TestEvent.make(
            hook: hook, file: file, now: clock.wall(), random: (generator.next(), generator.next()))
        let builder = RequestBuilder(
            plugin: configured, mwdb: settings.mwdb, redaction: settings.redaction)
        let content = sample.map { FileContent(path: $0, size: file.size, sha256: file.sha256) }
        let request: Request
        do throws(RequestBuilder.Failure) {
            request = try builder.request(token: 0, event: event, sample: content, now: clock.wall())
        } catch {
            throw PipelineError(error.reason)
        }
        let reply = try await exchange(request)
        return report(request, reply, configured)
    }

    private func exchange(_ request: Request) async throws -> Reply {
        // A blocking exchange must not sit on one of the few cooperative threads.
        let thread = Lock<WorkerThread?>(nil)
        let reply = try await withCheckedThrowingContinuation { continuation in
            do {
                let started = try WorkerThread(name: "ping") {
                    continuation.resume(returning: Courier.exchange(request))
                }
                thread.withLock { $0 = started }
            } catch {
                continuation.resume(throwing: error)
            }
        }
        thread.withLock { $0 }?.join()
        return reply
    }

    private func report(_ request: Request, _ reply: Reply, _ plugin: Plugin) -> PingReport {
        let redaction = settings.redaction
        let headers = request.headers.map { Header($0.name, redaction.redact($0.value)) }
        var report = PingReport(
            request: "\(request.method) \(redaction.redact(request.url))", headers: headers, reply: reply,
            verdict: "", delivered: false, extracted: [])
        let now = clock.wall()
        let verdict =
            plugin.batch.isOn
            ? BatchVerdict.judge(
                reply: reply.result, count: 1, plugin: plugin, redaction: redaction, now: now
            ).first
            : Verdict.judge(reply: reply.result, plugin: plugin, redaction: redaction, now: now)
        switch verdict {
        case .delivered(let extracted, let missing):
            report.delivered = true
            report.extracted = extracted
            report.verdict =
                missing.isEmpty
                ? "delivered" : "delivered, but the answer lacks \(missing.joined(separator: ", "))"
        case .retry(let reason, let misconfigured, _):
            report.verdict =
                (misconfigured ? "misconfigured, would be tried again: " : "would be tried again: ") + reason
        case .pausePlugin(let reason): report.verdict = "would pause the plugin: " + reason
        case .dead(let reason): report.verdict = "would be given up: " + reason
        case .ambiguous(let reason): report.verdict = "sent, but no complete answer came: " + reason
        }
        report.verdict = redaction.redact(report.verdict)
        return report
    }

    private func sampleReference(_ plugin: Plugin, _ path: String?) throws(PipelineError) -> FileReference {
        guard let path else {
            if plugin.wantsContent {
                throw PipelineError("plugin '\(plugin.name)' sends samples: name one with --sample FILE")
            }
            return FileReference(sha256: hexDigits(SHA256.hash(data: Array("test".utf8))), size: 4)
        }
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw PipelineError("\(SpoolError(doing: "open", path: path))") }
        defer { close(descriptor) }
        var digest = SHA256()
        var size: Int64 = 0
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count >= 0 else { throw PipelineError("\(SpoolError(doing: "read", path: path))") }
            if count == 0 { break }
            digest.update(data: buffer[..<count])
            size += Int64(count)
        }
        return FileReference(sha256: hexDigits(digest.finalize()), size: size)
    }

    /// The number of the plugin `name`.
    /// - Throws: `PipelineError` when there is none.
    func number(of name: String) throws(PipelineError) -> PluginNumber {
        if name == "mwdb" { return .mwdb }
        guard let number = state.withLock({ $0.numbers[name] }) else {
            throw PipelineError("there is no plugin '\(name)'; `mwdb-webhooks plugins` lists them")
        }
        return number
    }

    /// Tells the dispatch thread.
    func tell(_ message: DispatchMessage) {
        dispatch.post(message)
    }
}

extension Plugin {
    /// A hook that the plugin subscribes to, for test events.
    var firstHook: String {
        (Hook.all + Hook.operational).first { hooks.contains($0.name) }?.name ?? "on_created_file"
    }
}

extension DeliverySelection {
    /// The queues that it concerns; nil: all.
    var queues: Set<PluginNumber>? {
        switch self {
        case .ids(let ids): Set(ids.map(\.queue))
        case .matching(let filter): filter.queue.map { [$0] }
        }
    }
}
