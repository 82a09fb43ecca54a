// A dispatcher of the bench's own: private spool and outbox, plugins made in code, everything else the product's.

import Dispatcher
import Foundation
import Glibc
import Logging
import Mailbox
import Model
import Settings
import Web

/// A running dispatcher with a private outbox.
final class BenchPipeline: Sendable {
    let pipeline: Pipeline
    let directory: String

    /// Starts a dispatcher in a new folder below `parent`.
    convenience init(parent: String, plugins: [Plugin]) async throws {
        let directory = parent + "/mwdb-webhooks-bench-\(getpid())-\(nanoseconds())"
        guard mkdir(directory, 0o700) == 0 else {
            throw BenchError("cannot make \(directory): \(String(cString: strerror(errno)))")
        }
        try await self.init(directory: directory, plugins: plugins)
    }

    /// Starts a dispatcher on the files of one that was stopped.
    convenience init(reopening other: BenchPipeline, plugins: [Plugin]) async throws {
        try await self.init(directory: other.directory, plugins: plugins)
    }

    private init(directory: String, plugins: [Plugin]) async throws {
        self.directory = directory
        var settings = Settings()
        settings.spool = directory + "/spool"
        settings.outbox = directory + "/outbox"
        settings.listen = []
        settings.plugins = plugins
        settings.minimumFreeSpace = 100_000_000
        pipeline = try Pipeline(
            settings: settings, log: Logger(label: "bench", factory: { _ in SwiftLogNoOpLogHandler() })
        ) { reason in
            print("bench: the outbox is broken: \(reason)")
            exit(1)
        }
        try await pipeline.start()
    }

    /// Listens for events on a free port of 127.0.0.1, as the daemon does; without `storing` the same server only
    /// reads them and answers.
    func listen(storing: Bool = true) async throws -> HTTPListener {
        let log = Logger(label: "bench", factory: { _ in SwiftLogNoOpLogHandler() })
        let interface = Interface(control: pipeline, reader: pipeline.reader, log: log) { [] }
        let handler = storing ? interface.localHandler : unstoredHandler()
        let listener = HTTPListener(.tcp(host: "127.0.0.1", port: 0), log: log, handler: handler)
        try await listener.start()
        return listener
    }

    /// Stops the dispatcher and removes its files.
    func remove() async {
        await pipeline.stop(within: .seconds(5))
        removeFolder(directory)
    }

    /// Stops the dispatcher and keeps its files.
    func stop() async {
        await pipeline.stop(within: .seconds(5))
    }

    /// Posts `count` events as one body.
    /// - Throws: `BenchError` unless all are accepted.
    func post(_ count: Int, size: Int, type: String = "on_created_file") async throws {
        try await post(BenchEvents.lines(count, size: size, type: type))
    }

    /// Posts `lines` as one body.
    /// - Throws: `BenchError` unless all are accepted.
    func post(_ lines: [UInt8]) async throws {
        switch await pipeline.accept(lines, lines: true) {
        case .accepted: return
        case let other: throw BenchError("events were not accepted: \(other)")
        }
    }
}

/// A plugin of the bench.
func benchPlugin(_ name: String, url: String, inFlight: Int) -> Plugin {
    var plugin = Plugin(name: name)
    plugin.url = Template(literal: url)
    plugin.hooks = HookSelection(all: true)
    plugin.concurrency = inFlight
    return plugin
}

/// Removes a folder and what is in it.
func removeFolder(_ path: String) {
    do {
        try FileManager.default.removeItem(atPath: path)
    } catch {
        print("bench: remove \(path) by hand: \(error)")
    }
}
