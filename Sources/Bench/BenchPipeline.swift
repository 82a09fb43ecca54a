// A dispatcher of the bench's own: private spool and outbox, plugins made in code, everything else the product's.

import Dispatcher
import Foundation
import Glibc
import Logging
import Mailbox
import Model
import Settings

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
        let body = BenchEvent.lines(count, size: size, type: type)
        switch await pipeline.accept(body, lines: true) {
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

/// Events of the bench: new ids, the time they were made, padding.
enum BenchEvent {
    private static let last = Lock<UInt64>(UInt64.random(in: 0..<1 << 40) << 20)

    /// `count` lines of about `size` bytes.
    static func lines(_ count: Int, size: Int, type: String) -> [UInt8] {
        let first = last.withLock { last in
            let first = last
            last += UInt64(count)
            return first
        }
        var lines: [UInt8] = []
        lines.reserveCapacity(count * (size + 1))
        for index in 0..<count { lines += line(first + UInt64(index), size: size, type: type) + [10] }
        return lines
    }

    private static func line(_ number: UInt64, size: Int, type: String) -> [UInt8] {
        let digits = String(number, radix: 16)
        let suffix = String(repeating: "0", count: 16 - digits.count) + digits
        let hash = String(repeating: suffix, count: 4)
        let id = "01920000-0000-7000-\(suffix.prefix(4))-\(suffix.suffix(12))"
        let head =
            "{\"id\":\"\(id)\",\"type\":\"\(type)\",\"timestamp\":\"2026-01-01T00:00:00.000Z\",\"source\":\"bench\","
            + "\"actor\":\"bench\",\"data\":{\"file\":{\"id\":\"\(hash)\",\"type\":\"file\",\"file_name\":\"bench.exe\","
            + "\"file_size\":4096,\"file_type\":\"PE32 executable (GUI)\",\"sha256\":\"\(hash)\",\"tags\":[\"bench\"],"
            + "\"sent\":\(nanoseconds()),\"pad\":\""
        let tail = "\"}}}"
        let padding = max(0, size - head.utf8.count - tail.utf8.count)
        return Array(head.utf8) + [UInt8](repeating: 97, count: padding) + Array(tail.utf8)
    }
}
