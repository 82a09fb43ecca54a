// A whole dispatcher on folders of its own, without a configuration file or a process.

import Foundation
import Glibc
import Logging
import Mailbox
import Model
import Outbox
import Settings

@testable import Dispatcher

/// A pipeline with its folders.
final class Daemon: Sendable {
    let folder: Folder
    let pipeline: Pipeline
    let log = LogBox()
    let broken = Lock<[String]>([])

    /// A daemon on new folders, or on those of an earlier one.
    init(
        _ plugins: [Plugin], mwdb: MWDBSettings? = nil, in folder: Folder = Folder(), clock: Clock = .system
    ) throws {
        self.folder = folder
        let broken = broken
        pipeline = try Pipeline(
            settings: Daemon.settings(plugins, mwdb, folder), log: log.logger, clock: clock
        ) { reason in
            broken.withLock { $0.append(reason) }
        }
    }

    /// A daemon that runs.
    static func started(
        _ plugins: [Plugin], mwdb: MWDBSettings? = nil, in folder: Folder = Folder(), clock: Clock = .system
    ) async throws -> Daemon {
        let daemon = try Daemon(plugins, mwdb: mwdb, in: folder, clock: clock)
        try await daemon.pipeline.start()
        return daemon
    }

    static func settings(_ plugins: [Plugin], _ mwdb: MWDBSettings?, _ folder: Folder) -> Settings {
        var settings = Settings()
        settings.spool = folder.path + "/spool"
        settings.outbox = folder.path + "/outbox"
        settings.listen = []
        settings.plugins = plugins
        settings.mwdb = mwdb
        settings.minimumFreeSpace = 0
        settings.secretValues = ["s3cr3t"]
        return settings
    }

    /// Applies other plugins.
    func reload(_ plugins: [Plugin], mwdb: MWDBSettings? = nil) async throws {
        try await pipeline.reload(Daemon.settings(plugins, mwdb, folder))
    }

    /// The spool.
    var spool: SpoolFolder { SpoolFolder(path: folder.path + "/spool") }

    /// Posts events over HTTP; they are durable when this returns.
    func post(_ lines: [UInt8]...) async -> IntakeAnswer {
        await pipeline.accept(Array(lines.joined(separator: [10])), lines: true)
    }

    /// Stops at once and says what became of every delivery: `EVENT/PLUGIN` or `EVENT/PLUGIN/STEP`.
    func stopped(within limit: Span = .seconds(20)) async throws -> [String: DeliveryState] {
        await pipeline.stop(within: limit)
        return try await Daemon.states(in: folder)
    }

    /// What became of every delivery in an outbox that nobody uses.
    static func states(in folder: Folder) async throws -> [String: DeliveryState] {
        try await summaries(in: folder).mapValues(\.state)
    }

    /// Every delivery in an outbox that nobody uses.
    static func summaries(in folder: Folder) async throws -> [String: DeliverySummary] {
        let reader = try OutboxReader(directory: folder.path + "/outbox")
        defer { reader.close() }
        var found: [String: DeliverySummary] = [:]
        var token: PageToken?
        repeat {
            let page = try await reader.deliveries(after: token, limit: 500)
            for item in page.items { found["\(item.name)"] = item }
            token = page.next
        } while token != nil
        return found
    }

    /// How a plugin stands.
    func status(_ name: String) async throws -> PluginStatus {
        let statuses = try await pipeline.statuses()
        guard let status = statuses.first(where: { $0.name == name }) else {
            throw PipelineError("no status of \(name)")
        }
        return status
    }

    /// Asks how a plugin stands until `condition` holds.
    func wait(_ name: String, for condition: (PluginStatus) -> Bool) async throws {
        let start = Clock.system.steady()
        while !condition(try await status(name)) {
            if Clock.system.steady() - start > .seconds(20) {
                throw PipelineError("waited in vain: \(try await status(name))")
            }
            await Task.yield()
        }
    }

    /// Copies the folders as a power cut would leave them.
    func copied() throws -> Folder {
        let copy = Folder()
        for name in ["spool", "outbox"] {
            try FileManager.default.copyItem(
                atPath: folder.path + "/" + name, toPath: copy.path + "/" + name)
        }
        return copy
    }
}

extension Plugin {
    /// A plugin at `url` that tries again at once.
    static func at(
        _ url: String, name: String, hooks: [String] = ["on_created_file"],
        _ change: (inout Plugin) -> Void = { _ in }
    ) -> Plugin {
        .named(name, hooks: hooks) {
            $0.url = Template(literal: url)
            $0.backoff = Backoff(shortest: .milliseconds(1), longest: .milliseconds(5))
            change(&$0)
        }
    }
}
