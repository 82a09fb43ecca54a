// What keeps the disk from filling: events past their retention, samples that no delivery needs, leftovers of
// writers that were killed. When the disk is short, samples that MWDB still has are released too: first those of
// the plugin with the largest backlog, those that are sent last before others, and only until there is room.
// Runs beside everything else, in small pieces.
// Failure: what cannot be removed now is tried again at the next round; the reason is logged.

import Glibc
import Logging
import Mailbox
import Model
import Outbox

/// Periodic cleaning of outbox and spool.
struct Housekeeping: Sendable {
    /// The outbox.
    let outbox: Outbox
    /// For looking at backlogs.
    let reader: OutboxReader
    /// The spool.
    let spool: SpoolFolder
    /// Fetched samples.
    let samples: SampleStore
    /// Where problems are told.
    let log: Logger
    /// The wall clock.
    let now: @Sendable () -> Timestamp
    /// Free bytes on the file system of a folder.
    var freeSpace: @Sendable (String) -> Int64? = Dispatcher.freeSpace

    /// What a round goes by.
    struct Orders: Sendable {
        /// How long events are kept.
        var retention: Span
        /// Every spool file that was there at this moment has been taken in; nil: not known, so the samples of those
        /// that wait are not known either.
        var takenUntil: Timestamp?
        /// Free bytes below which samples that can be fetched again are released; nil: none can be fetched.
        var room: Int64?
    }

    /// Samples younger than this are left alone: their event may still be on its way.
    static let grace = Span.minutes(15)
    /// Dead deliveries stay this long.
    static let deadRetention = Span.days(30)
    /// Unfinished spool files older than this belong to writers that are gone.
    private static let abandoned = Span.days(1)
    /// Most deliveries of one plugin that are looked at when the disk is short.
    private static let mostPages = 20

    /// Folders that could not be opened, so that it is said once.
    private let complained = Lock<Set<String>>([])

    private var folders: [String] { [spool.content, samples.fetched] }

    /// One round of everything.
    func round(_ orders: Orders) async {
        do throws(OutboxError) {
            _ = try await outbox.sweep(
                retention: orders.retention, deadRetention: Housekeeping.deadRetention)
            for folder in folders { try await releaseUnneeded(in: folder, orders) }
        } catch {
            if error != .closed { log.error("housekeeping stopped early", metadata: ["error": "\(error)"]) }
        }
        removeAbandoned()
    }

    /// Makes room where the disk is short.
    /// - Returns: There is room now.
    func makeRoom(_ orders: Orders) async -> Bool {
        guard let room = orders.room else { return true }
        for folder in folders where isShort(folder, room) {
            do throws(OutboxError) {
                try await releaseUnneeded(in: folder, orders)
                try await releaseBacklogs(in: folder, room)
            } catch {
                if error != .closed { log.error("cannot make room", metadata: ["error": "\(error)"]) }
            }
            releaseAnything(in: folder, room)
        }
        return !folders.contains { isShort($0, room) }
    }

    // MARK: Samples

    /// Samples that no delivery needs and no event in the spool can be about.
    private func releaseUnneeded(in folder: String, _ orders: Orders) async throws(OutboxError) {
        guard let takenUntil = orders.takenUntil else { return }
        let moment = min(takenUntil, now())
        guard let folder = open(folder) else { return }
        var rest = samples(in: folder)[...]
        while !rest.isEmpty, !Task.isCancelled {
            let old = rest.prefix(500).filter {
                isOlder($0, in: folder, than: Housekeeping.grace, at: moment)
            }
            rest = rest.dropFirst(500)
            guard !old.isEmpty else { continue }
            let needed = try await outbox.contentInUse(Array(old))
            for name in old where !needed.contains(name) {
                // Looked at again: the source may have renewed it since the folder was listed.
                if isOlder(name, in: folder, than: Housekeeping.grace, at: moment) {
                    remove(name, in: folder)
                }
            }
        }
    }

    /// Samples of pending deliveries, largest backlog first, newest delivery first.
    private func releaseBacklogs(in path: String, _ room: Int64) async throws(OutboxError) {
        guard let folder = open(path) else { return }
        let backlogs = try await reader.plugins().filter { $0.number != .mwdb && $0.pending > 0 }
            .sorted { $0.pending > $1.pending }
        for plugin in backlogs {
            let filter = DeliveryFilter(queue: plugin.number, states: [.ready, .waiting, .blocked])
            var token: PageToken?
            for _ in 0..<Housekeeping.mostPages where isShort(path, room) {
                let page = try await reader.deliveries(filter, after: token, limit: 500)
                // A file's id is its hash.
                for sha256 in page.items.compactMap(\.object) where isSHA256(sha256) {
                    if !isShort(path, room) { return }
                    release(sha256, in: folder)
                }
                token = page.next
                if token == nil { break }
            }
        }
    }

    /// The last resort: any sample.
    private func releaseAnything(in path: String, _ room: Int64) {
        guard isShort(path, room), let folder = open(path) else { return }
        for name in samples(in: folder) {
            if Task.isCancelled || !isShort(path, room) { return }
            release(name, in: folder)
        }
    }

    private func release(_ name: String, in folder: OpenFolder) {
        if isOlder(name, in: folder, than: Housekeeping.grace, at: now()) { remove(name, in: folder) }
    }

    private func isShort(_ folder: String, _ room: Int64) -> Bool {
        freeSpace(folder).map { $0 < room } ?? false
    }

    private func samples(in folder: OpenFolder) -> [String] {
        (try? folder.names { name, _ in isSHA256(name) }) ?? []
    }

    // MARK: Leftovers

    private func removeAbandoned() {
        guard let folder = open(spool.tmp) else { return }
        for name in (try? folder.names()) ?? []
        where isOlder(name, in: folder, than: Housekeeping.abandoned, at: now()) {
            remove(name, in: folder)
        }
    }

    // MARK: Files

    /// Opens a folder; where that fails it is said once. What only the operator can replace may be a link.
    private func open(_ path: String) -> OpenFolder? {
        do throws(SpoolError) {
            let folder = try OpenFolder(path, followsLink: path == samples.fetched)
            complained.withLock { _ = $0.remove(path) }
            return folder
        } catch {
            if complained.withLock({ $0.insert(path).inserted }) {
                log.error("a folder is not kept clean", metadata: ["error": "\(error)"])
            }
            return nil
        }
    }

    private func isOlder(_ name: String, in folder: OpenFolder, than age: Span, at moment: Timestamp) -> Bool
    {
        guard let status = folder.status(of: name), status.st_mode & S_IFMT == S_IFREG else { return false }
        return moment - Timestamp(status.st_ctim) > age
    }

    private func remove(_ name: String, in folder: OpenFolder) {
        do throws(SpoolError) {
            try folder.remove(name)
        } catch {
            log.warning("cannot remove", metadata: ["error": "\(error)"])
        }
    }
}
