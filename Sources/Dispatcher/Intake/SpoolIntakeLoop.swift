// The intake thread's own state and steps. See SpoolIntake for what it promises.

import CLinux
import Glibc
import Logging
import Mailbox
import Model
import Outbox

/// One thread's work on the spool.
struct SpoolIntakeLoop {
    let surroundings: SpoolIntake.Surroundings
    let mailbox: Mailbox<SpoolIntake.Message>

    /// Most events, and bytes of events, handed to the outbox and not yet answered.
    private static let mostEvents = 4096
    private static let mostBytes = 16 << 20
    /// Most events in one call of the outbox.
    private static let batch = 1000
    private static let sweep = Span.seconds(5)
    /// Pause after something could not be stored.
    private static let pause = Span.seconds(1)
    /// Pause before a file that cannot be read is looked at again.
    private static let longPause = Span.minutes(1)

    private var queue = SpoolQueue()
    private var files: [Int: SpoolFile] = [:]
    /// The one file that is not read to its end, and which all that come after it wait for.
    private var unread: Int?
    /// Files that gave no event for a while, for a line without an end or for nothing but bad ones. Nothing waits for
    /// these; one of them is read a little each time.
    private var aside: [Int] = []
    private static let mostAside = 16
    private var nextFile = 0
    private var eventsUnderWay = 0
    private var bytesUnderWay = 0
    /// On the steady clock.
    private var nextSweep: Timestamp?
    /// Nothing is started before this moment of the steady clock.
    private var pausedUntil: Timestamp?
    private var stopping = false
    private var refusedBefore = false
    /// The outbox said that it is full, and has stored nothing since.
    private var isFull = false
    private var isOddReported = false
    private var complained: Set<String> = []
    private var rejected: RejectedLines

    init(_ surroundings: SpoolIntake.Surroundings, mailbox: Mailbox<SpoolIntake.Message>) {
        self.surroundings = surroundings
        self.mailbox = mailbox
        rejected = RejectedLines(spool: surroundings.spool)
    }

    private var spool: SpoolFolder { surroundings.spool }
    private var log: Logger { surroundings.log }

    /// Works until told to stop and everything posted is answered.
    mutating func run() {
        let watch = SpoolWatch(folder: spool.new)
        if watch.descriptor < 0 { log.warning("cannot watch the spool, looking every 5 s instead") }
        while true {
            for message in mailbox.take() { handle(message) }
            if stopping {
                dropUnfinished()
                if files.isEmpty { return }
            } else {
                look(watch)
                startFiles()
            }
            tell()
            sleep(watch)
        }
    }

    private mutating func handle(_ message: SpoolIntake.Message) {
        switch message {
        case .appended(let file, let batch, let result): answered(file, batch, result)
        case .wake:
            nextSweep = nil
            pausedUntil = nil
        case .stop: stopping = true
        }
    }

    /// What is not read to its end stays in the spool: what was taken of it is known when it is read again.
    private mutating func dropUnfinished() {
        for number in aside + [unread].compactMap(\.self) {
            guard let file = files[number] else { continue }
            file.fail()
            if file.isDone { finish(number) }
        }
        unread = nil
        aside = []
    }

    private func sleep(_ watch: SpoolWatch) {
        let now = surroundings.clock.steady()
        var milliseconds: Int64 = 5000
        if let nextSweep { milliseconds = min(milliseconds, (nextSweep - now).milliseconds) }
        if let pausedUntil { milliseconds = min(milliseconds, (pausedUntil - now).milliseconds) }
        if canRead && (unread != nil || !aside.isEmpty) { milliseconds = 0 }
        var descriptors = [
            pollfd(fd: mailbox.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: watch.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        _ = poll(&descriptors, 2, Int32(max(0, milliseconds)))
    }

    private func tell() {
        surroundings.figures.withLock { figures in
            figures.waitingFiles = Int64(queue.count)
            figures.takenUntil = queue.takenUntil
        }
    }

    // MARK: Finding files

    private mutating func look(_ watch: SpoolWatch) {
        let now = surroundings.clock.moment
        if let names = watch.names() {
            for name in names where isEventFile(name) { queue.add(name) }
        } else if watch.descriptor >= 0 {
            nextSweep = nil
        }
        guard (nextSweep.map { $0 <= now.steady } ?? true) || (queue.isEmpty && queue.mayBeMore) else {
            return
        }
        nextSweep = now.steady + SpoolIntakeLoop.sweep
        let limit = queue.room
        guard limit > 0 else { return }
        var odd: String?
        do throws(SpoolError) {
            let names = try spool.opened(spool.new).names(limit: limit) { name, kind in
                guard isEventFile(name), kind != .other else {
                    odd = name
                    return false
                }
                return !queue.skips(name, now.steady)
            }
            queue.add(listing: names, isComplete: names.count < limit, now)
            complained.remove(spool.new)
        } catch {
            complain("cannot list the spool", spool.new, error)
        }
        reportOdd(odd)
    }

    private mutating func reportOdd(_ name: String?) {
        if let name, !isOddReported {
            log.warning(
                "what is no regular file called NAME.ndjson is left alone in the spool; remove it",
                metadata: ["spool.folder": "\(spool.new)", "spool.file": "\(name)"])
        }
        isOddReported = name != nil
    }

    /// Other names are not the source's; some of them could not be kept as rejected either.
    private func isEventFile(_ name: String) -> Bool {
        let bytes = name.utf8
        return bytes.count <= 200 && bytes.first != 0x2e && bytes.allSatisfy { (0x21...0x7e).contains($0) }
            && name.hasSuffix(".ndjson")
    }

    // MARK: Taking them in

    private var hasRoom: Bool {
        eventsUnderWay < SpoolIntakeLoop.mostEvents && bytesUnderWay < SpoolIntakeLoop.mostBytes
    }

    private var canRead: Bool { hasRoom && pausedUntil == nil && !refusedBefore }

    private mutating func startFiles() {
        if let moment = pausedUntil, moment <= surroundings.clock.steady() { pausedUntil = nil }
        let reason = surroundings.refusal()
        if let reason, !refusedBefore {
            log.error("intake waits", metadata: ["intake.reason": "\(reason)"])
        } else if reason == nil && refusedBefore {
            log.notice("intake goes on")
        }
        refusedBefore = reason != nil
        if let unread, canRead { read(unread) }
        // One file after the other, so that events are accepted in their order.
        while canRead, unread == nil, let name = queue.next() { start(name) }
        if canRead, !aside.isEmpty { read(aside.removeFirst()) }
    }

    private mutating func start(_ name: String) {
        do throws(SpoolError) {
            let descriptor = try spool.opened(spool.new).open(name)
            nextFile += 1
            files[nextFile] = SpoolFile(
                name: name, descriptor: descriptor, lineLimit: surroundings.lineLimit())
            read(nextFile)
        } catch {
            switch error.number {
            case _ where error.isAboutFolder:
                queue.putBack(name)
                pausedUntil = surroundings.clock.steady() + SpoolIntakeLoop.pause
                return complain("a spool file cannot be opened, trying again", name, error)
            case ENOENT: return queue.finished(name)
            case EMFILE, ENFILE, ENOMEM:
                // Not the file's fault.
                queue.putBack(name)
                pausedUntil = surroundings.clock.steady() + SpoolIntakeLoop.pause
                return complain("a spool file cannot be opened, trying again", name, error)
            default: break
            }
            queue.leaveAlone(name, until: surroundings.clock.steady() + SpoolIntakeLoop.longPause)
            complain("a spool file cannot be read; mend or remove it", name, error)
        }
    }

    private mutating func complain(_ message: Logger.Message, _ name: String, _ error: SpoolError) {
        // What is wrong with a folder is said once, not for each file in it.
        let what = error.isAboutFolder ? error.path : name
        guard complained.count < 1000, complained.insert(what).inserted else { return }
        log.error(message, metadata: ["spool.file": "\(name)", "spool.error": "\(error)"])
    }

    /// Reads and posts batches of one file as far as the limits on what is under way permit.
    private mutating func read(_ number: Int) {
        guard let file = files[number] else { return }
        if unread == number { unread = nil }
        var givesWay = false
        while hasRoom && !file.allRead {
            do throws(SpoolError) {
                let batch = try file.nextBatch(count: SpoolIntakeLoop.batch)
                // Nothing but bad lines so far, or a part of one: others get their turn.
                givesWay = batch.isEmpty
                if givesWay { break }
                post(batch, of: number)
            } catch {
                complain("a spool file cannot be read, trying again", file.name, error)
                file.fail()
                pausedUntil = surroundings.clock.steady() + SpoolIntakeLoop.pause
            }
        }
        if !file.allRead { goOnLater(with: number, givesWay) }
        if file.isDone { finish(number) }
    }

    private mutating func goOnLater(with number: Int, _ givesWay: Bool) {
        if unread != nil || (givesWay && aside.count < SpoolIntakeLoop.mostAside) {
            aside.append(number)
        } else {
            unread = number
        }
    }

    private mutating func post(_ batch: [SpoolIntake.NumberedEvent], of number: Int) {
        eventsUnderWay += batch.count
        bytesUnderWay += batch.reduce(0) { $0 + $1.event.body.count }
        let mailbox = mailbox
        surroundings.append(batch.map { surroundings.route($0.event) }) { result in
            mailbox.post(.appended(file: number, batch: batch, result))
        }
    }

    private mutating func answered(
        _ number: Int, _ batch: [SpoolIntake.NumberedEvent], _ result: Result<[Acceptance], OutboxError>
    ) {
        eventsUnderWay -= batch.count
        bytesUnderWay -= batch.reduce(0) { $0 + $1.event.body.count }
        guard let file = files[number] else { return }
        file.batchesUnderWay -= 1
        switch result {
        case .success(let acceptances):
            count(batch, acceptances, in: file)
            if isFull { log.notice("intake goes on") }
            isFull = false
        case .failure(let error):
            // The file stays and is read again from its beginning.
            file.fail()
            if unread == number { unread = nil }
            aside.removeAll { $0 == number }
            noteFull(error)
            pausedUntil = surroundings.clock.steady() + SpoolIntakeLoop.pause
        }
        if file.isDone { finish(number) }
    }

    /// Free space did not show it: a quota, or a file system that keeps some for itself.
    private mutating func noteFull(_ error: OutboxError) {
        guard case .full = error, !isFull else { return }
        isFull = true
        log.error("intake waits", metadata: ["intake.reason": "\(error)"])
    }

    private func count(
        _ batch: [SpoolIntake.NumberedEvent], _ acceptances: [Acceptance], in file: SpoolFile
    ) {
        surroundings.figures.withLock { figures in
            for (numbered, acceptance) in zip(batch, acceptances) {
                figures.count(acceptance, numbered.event)
            }
        }
        for (numbered, acceptance) in zip(batch, acceptances) where acceptance == .conflict {
            file.reject(
                line: numbered.line, bytes: numbered.event.body,
                reason: "the id \(numbered.event.id) is known with other content (id conflict)")
        }
    }

    // MARK: Putting them away

    private mutating func finish(_ number: Int) {
        guard let file = files.removeValue(forKey: number) else { return }
        if file.failed { return queue.putBack(file.name) }
        do throws(SpoolError) {
            if !file.rejections.isEmpty { try keepRejections(of: file) }
            try spool.opened(spool.new).remove(file.name)
            queue.finished(file.name)
            surroundings.figures.withLock { $0.files += 1 }
        } catch {
            // Its events are stored; only this file has to wait.
            queue.leaveAlone(file.name, until: surroundings.clock.steady() + SpoolIntakeLoop.pause)
            complain("a spool file cannot be put away, trying again", file.name, error)
        }
    }

    private mutating func keepRejections(of file: SpoolFile) throws(SpoolError) {
        let further = file.furtherRejections
        let isKept = try rejected.keep(file.rejections, further, of: file.name)
        let first = file.rejections[0]
        surroundings.figures.withLock { figures in
            figures.rejected += Int64(file.rejectionCount)
            figures.spoolRejected += Int64(file.rejectionCount)
            figures.latestRejection = IntakeFigures.Rejection(
                file: file.name, reason: "line \(first.line): \(first.reason)")
            figures.rejectedFiles += 1
        }
        log.warning(
            "lines of a spool file rejected",
            metadata: [
                "spool.file": "\(file.name)", "spool.rejected": "\(file.rejectionCount)",
                "spool.first_reason": "line \(first.line): \(first.reason)",
                "spool.first_sha256": "\(first.sha256 ?? "-")",
                "spool.further": further.count > 0
                    ? "\(further.count) lines, sha256 \(further.sha256)" : "0 lines",
                "spool.kept_in": isKept
                    ? "\(spool.rejected)/\(file.name)" : "not kept: \(spool.rejected) is full",
            ])
    }
}
