// `fsck`: outbox and samples of a daemon that is stopped, checked together and mended where that is safe.

import Model
import Outbox
import Settings

/// A check of everything that is kept on disk.
package struct InstallationCheck {
    private let settings: Settings
    private let repair: Bool
    private let clock: Clock

    /// A check of what `settings` name.
    package init(settings: Settings, repair: Bool) {
        self.init(settings: settings, repair: repair, clock: .system)
    }

    init(settings: Settings, repair: Bool, clock: Clock) {
        self.settings = settings
        self.repair = repair
        self.clock = clock
    }

    /// What is not as it should be, worst first within the outbox and within the samples.
    /// - Parameter progress: Told, often, what is being looked at.
    /// - Throws: `PipelineError` while a daemon runs, and when there is no outbox or it cannot be read.
    package func run(
        progress: (String) -> Void = { _ in }
    ) throws(PipelineError) -> [Finding] {
        do {
            let spool = SpoolFolder(path: settings.spool)
            // Held to the end; a spool that is not there is not made.
            let lock = try folderExists(spool.path) ? SpoolLock(spool) : nil
            defer { lock?.release() }
            let outbox = try OutboxCheck(directory: settings.outbox, repair: repair, now: clock.wall())
            var findings = try outbox.run(progress: progress)
            // Where the database is damaged nobody knows what is needed.
            guard !findings.contains(where: \.isDamage) else { return findings }
            let content = ContentCheck(
                spool: spool, fetched: settings.outbox + "/content", needed: try outbox.neededContent(),
                canFetch: settings.mwdb?.apiKey != nil, repair: repair, now: clock.wall())
            findings += content.run(progress: progress)
            try outbox.close()
            return findings
        } catch let error as PipelineError {
            throw error
        } catch OutboxError.locked(let pid) {
            throw PipelineError(
                "a daemon uses the outbox\(pid.map { " (pid \($0))" } ?? ""): stop it first, "
                    + "`systemctl stop mwdb-webhooks`")
        } catch OutboxError.broken(let detail) {
            throw PipelineError(
                "the outbox cannot be read: \(detail). Check the disk; then restore a backup, or read what can be read "
                    + "with `sqlite3 outbox.db .recover` (docs/durability.md)")
        } catch {
            throw PipelineError("\(error)")
        }
    }

    private func folderExists(_ path: String) -> Bool { (try? OpenFolder(path, followsLink: true)) != nil }
}
