// The daemon from start to end, on one page: settings, log, pipeline, interface, then signals until one says stop.
// Failure: what prevents the start is said and exits 1; what breaks durability later ends the process at once, so that
// nothing is acknowledged after it. A reload that fails changes nothing.

import Dispatcher
import Glibc
import Logging
import Mailbox
import Model
import Settings
import Web

/// The running daemon.
final class Daemon: Sendable {
    private let sources: SettingsSources
    private let output: LogOutput
    private let log: Logger
    private let notification: ServiceNotification?
    private let pipeline: Pipeline
    private let server: Lock<WebServer?>

    /// Opens everything that `settings` name.
    /// - Throws: `PipelineError`.
    init(settings: Settings, sources: SettingsSources) throws(PipelineError) {
        self.sources = sources
        let output = LogOutput(settings: settings, isJournal: LogOutput.isJournal(sources.environment))
        LoggingSystem.bootstrap { _ in LineLogHandler(output) }
        self.output = output
        let log = Logger(label: "mwdb-webhooks")
        self.log = log
        notification = ServiceNotification(environment: sources.environment)
        server = Lock(nil)
        log.info("Starting", metadata: ["version": "\(Product.version)", "pid": "\(getpid())"])
        do {
            pipeline = try Pipeline(settings: settings, log: log) { reason in
                log.critical(
                    "Nothing can be made durable any more: exiting", metadata: ["reason": "\(reason)"])
                // Not exit(): its handlers would run beside threads that are still at work.
                _exit(1)
            }
        } catch {
            log.critical("Cannot start", metadata: ["reason": "\(error)"])
            throw error
        }
    }

    /// Runs until a signal asks for the end; the exit code.
    func run(problems: [SettingsProblem]) async -> Int32 {
        do {
            let wishes = try Signals.wishes()
            report(problems)
            try await start()
            await serve(wishes)
            return 0
        } catch {
            log.critical("Cannot start", metadata: ["reason": "\(error)"])
            return 1
        }
    }

    private func start() async throws {
        let settings = pipeline.settings
        let access = Access(path: AccessTokens.path(outbox: settings.outbox), log: log)
        do {
            try access.prepare()
        } catch {
            log.error("No tokens for access over TCP", metadata: ["reason": "\(error)"])
        }
        let interface = Interface(control: pipeline, reader: pipeline.reader, log: log, access: access) {
            [self] in
            await reload()
        }
        let server = WebServer(interface, log: log)
        try await server.start(settings.listen)
        self.server.withLock { $0 = server }
        do {
            try await pipeline.start()
        } catch {
            await server.stop(within: .seconds(1))
            throw error
        }
        announce(settings)
        for address in server.addresses { log.info("Listening", metadata: ["address": "\(address)"]) }
        notification?.say("READY=1", "STATUS=\(summary)", "MAINPID=\(getpid())")
        log.notice("Ready", metadata: ["plugins": "\(settings.plugins.count)"])
    }

    private func serve(_ wishes: AsyncStream<Signals.Wish>) async {
        let watchdog = watchdogTask()
        for await wish in wishes {
            guard wish == .reload else { break }
            _ = await reload()
        }
        watchdog?.cancel()
        await stop()
    }

    private func stop() async {
        let limit = pipeline.settings.shutdownTimeout
        notification?.say("STOPPING=1", "STATUS=finishing deliveries in flight")
        log.notice("Stopping", metadata: ["limit": "\(limit.milliseconds) ms"])
        // The interface answers until the pipeline has stopped: 503 for events, and status for whoever looks.
        await pipeline.stop(within: limit)
        await server.withLock { $0 }?.stop(within: .seconds(1))
        log.notice("Stopped")
    }

    /// Reads the configuration again; gives what is wrong with it. Errors: the one in force stays.
    private func reload() async -> [SettingsProblem] {
        notification?.say("RELOADING=1", ServiceNotification.monotonicTime)
        defer { notification?.say("READY=1", "STATUS=\(summary)") }
        var (settings, problems) = Settings.load(sources)
        if let settings {
            do {
                // Before its first attempt: the new secrets must not be logged by it.
                output.apply(settings)
                problems += try await pipeline.reload(settings)
                announce(settings)
                log.notice("Reloaded", metadata: ["plugins": "\(settings.plugins.count)"])
            } catch {
                output.apply(pipeline.settings)
                problems.append(
                    SettingsProblem(.error, message: "\(error)", suggestion: "Mend it and reload again"))
            }
        }
        report(problems)
        if problems.contains(where: { $0.severity == .error }) {
            log.error("The new configuration is invalid: the old one stays in force")
        }
        return problems
    }

    private func report(_ problems: [SettingsProblem]) {
        for problem in problems {
            log.log(
                level: problem.severity == .error ? .error : .warning, "Problem in the configuration",
                metadata: ["problem": "\(problem)"])
        }
    }

    /// As MWDB announces its plugins.
    private func announce(_ settings: Settings) {
        for plugin in settings.plugins where plugin.enabled {
            var metadata: Logger.Metadata = [:]
            if let author = plugin.author { metadata["plugin.author"] = "\(author)" }
            if let version = plugin.version { metadata["plugin.version"] = "\(version)" }
            log.info("Loaded plugin '\(plugin.name)'", metadata: metadata)
        }
    }

    private var summary: String {
        let count = pipeline.settings.plugins.filter(\.enabled).count
        let state = pipeline.notReadyBecause.map { "not ready: \(Neutral.line($0))" } ?? "ready"
        return "\(state), \(Wording.count(count, "plugin"))"
    }

    private func watchdogTask() -> Task<Void, Never>? {
        guard let notification,
            let interval = ServiceNotification.watchdogInterval(environment: sources.environment)
        else { return nil }
        let pipeline = pipeline
        return Task {
            await Watchdog(notification, microseconds: interval).run { _ = try? await pipeline.statuses() }
        }
    }
}
