// What keeps the disk from filling: events past their retention, samples that no delivery needs, leftovers of
// writers that were killed. When the disk is short, samples that MWDB still has are released too: first those of
// the plugin with the largest backlog, those that are sent last before others, and only until there is room.
// Runs beside everything else, in small pieces.
// Failure: what cannot be removed now is tried again at the next round; the reason is logged.

import Glibc
import Logging
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
        var rest = names(in: folder)[...]
        while !rest.isEmpty, !Task.isCancelled {
            let old = rest.prefix(500).filter {
                isOlder(folder + "/" + $0, than: Housekeeping.grace, at: moment)
            }
            rest = rest.dropFirst(500)
            guard !old.isEmpty else { continue }
            let needed = try await outbox.contentInUse(Array(old))
            for name in old where !needed.contains(name) {
                // Looked at again: the source may have renewed it since the folder was listed.
                if isOlder(folder + "/" + name, than: Housekeeping.grace, at: moment) {
                    remove(folder + "/" + name)
                }
            }
        }
    }

    /// Samples of pending deliveries, largest backlog first, newest delivery first.
    private func releaseBacklogs(in folder: String, _ room: Int64) async throws(OutboxError) {
        let backlogs = try await reader.plugins().filter { $0.number != .mwdb && $0.pending > 0 }
            .sorted { $0.pending > $1.pending }
        for plugin in backlogs {
            let filter = DeliveryFilter(queue: plugin.number, states: [.ready, .waiting, .blocked])
            var token: PageToken?
            for _ in 0..<Housekeeping.mostPages where isShort(folder, room) {
                let page = try await reader.deliveries(filter, after: token, limit: 500)
                // A file's id is its hash.
                for sha256 in page.items.compactMap(\.object) where isSHA256(sha256) {
                    if !isShort(folder, room) { return }
                    release(folder + "/" + sha256)
                }
                token = page.next
                if token == nil { break }
            }
        }
    }

    /// The last resort: any sample.
    private func releaseAnything(in folder: String, _ room: Int64) {
        for name in names(in: folder) {
            if Task.isCancelled || !isShort(folder, room) { return }
            release(folder + "/" + name)
        }
    }

    private func release(_ path: String) {
        if isOlder(path, than: Housekeeping.grace, at: now()) { remove(path) }
    }

    private func isShort(_ folder: String, _ room: Int64) -> Bool {
        freeSpace(folder).map { $0 < room } ?? false
    }

    private func names(in folder: String) -> [String] {
        (try? folderNames(folder, include: isSHA256)) ?? []
    }

    // MARK: Leftovers

    private func removeAbandoned() {
        for name in (try? folderNames(spool.tmp)) ?? [] {
            let path = spool.tmp + "/" + name
            if isOlder(path, than: Housekeeping.abandoned, at: now()) { remove(path) }
        }
    }

    private func isOlder(_ path: String, than age: Span, at moment: Timestamp) -> Bool {
        var information = stat()
        guard lstat(path, &information) == 0, information.st_mode & S_IFMT == S_IFREG else { return false }
        let changed = Timestamp(information.st_ctim)
        return moment - changed > age
    }

    private func remove(_ path: String) {
        if unlink(path) != 0 && errno != ENOENT {
            log.warning("cannot remove", metadata: ["error": "\(SpoolError(doing: "remove", path: path))"])
        }
    }
}
