// What keeps the disk from filling: events past their retention, samples that no delivery needs, leftovers of
// writers that were killed. Runs beside everything else, in small pieces.
// Failure: what cannot be removed now is tried again at the next round; the reason is logged.

import Glibc
import Logging
import Model
import Outbox

/// Periodic cleaning of outbox and spool.
struct Housekeeping: Sendable {
    /// The outbox.
    let outbox: Outbox
    /// The spool.
    let spool: SpoolFolder
    /// Fetched samples.
    let samples: SampleStore
    /// Where problems are told.
    let log: Logger
    /// The wall clock.
    let now: @Sendable () -> Timestamp

    /// Samples younger than this are left alone: their event may still be on its way.
    static let grace = Span.minutes(15)
    /// Dead deliveries stay this long.
    static let deadRetention = Span.days(30)
    /// Unfinished spool files older than this belong to writers that are gone.
    private static let abandoned = Span.days(1)

    /// One round. With `short`, the disk is short: samples that MWDB still has are released too.
    func round(retention: Span, short: Bool) async {
        do throws(OutboxError) {
            _ = try await outbox.sweep(retention: retention, deadRetention: Housekeeping.deadRetention)
            for folder in [spool.content, samples.fetched] {
                try await releaseSamples(in: folder, evenNeeded: short)
            }
        } catch {
            log.error("housekeeping stopped early", metadata: ["error": "\(error)"])
        }
        removeAbandoned()
    }

    private func releaseSamples(in folder: String, evenNeeded: Bool) async throws(OutboxError) {
        let names = (try? folderNames(folder, include: isSHA256)) ?? []
        var rest = names[...]
        while !rest.isEmpty {
            let batch = rest.prefix(500).filter { isOlder(folder + "/" + $0, than: Housekeeping.grace) }
            rest = rest.dropFirst(500)
            guard !batch.isEmpty else { continue }
            let needed = evenNeeded ? [] : try await outbox.contentInUse(Array(batch))
            for name in batch where !needed.contains(name) { remove(folder + "/" + name) }
        }
    }

    private func removeAbandoned() {
        for name in (try? folderNames(spool.tmp)) ?? [] {
            let path = spool.tmp + "/" + name
            if isOlder(path, than: Housekeeping.abandoned) { remove(path) }
        }
    }

    private func isOlder(_ path: String, than age: Span) -> Bool {
        var information = stat()
        guard lstat(path, &information) == 0, information.st_mode & S_IFMT == S_IFREG else { return false }
        let changed = Timestamp(milliseconds: Int64(information.st_ctim.tv_sec) * 1000)
        return now() - changed > age
    }

    private func remove(_ path: String) {
        if unlink(path) != 0 && errno != ENOENT {
            log.warning("cannot remove", metadata: ["error": "\(SpoolError(doing: "remove", path: path))"])
        }
    }
}
