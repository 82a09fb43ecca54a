// The intake thread's own state and steps. See SpoolIntake for what it promises.

import CLinux
import Glibc
import Logging
import Mailbox
import Model
import Outbox

/// One thread's work on the spool.
struct SpoolIntakeLoop {
    let spool: SpoolFolder
    let lineLimit: Int
    let figures: Lock<IntakeFigures>
    let log: Logger
    let now: @Sendable () -> Timestamp
    let route: @Sendable (Event) -> Arrival
    let refusal: @Sendable () -> String?
    let append: @Sendable ([Arrival], @escaping @Sendable (Result<[Acceptance], OutboxError>) -> Void) -> Void
    let mailbox: Mailbox<SpoolIntake.Message>

    /// Most events, and bytes of events, handed to the outbox and not yet answered.
    private static let mostEvents = 4096
    private static let mostBytes = 16 << 20
    /// Most events in one call of the outbox.
    private static let batch = 1000
    private static let sweep = Span.seconds(5)
    private static let retryAfter = Span.seconds(1)

    private var queue = SpoolQueue()
    private var files: [Int: SpoolFile] = [:]
    private var nextFile = 0
    private var eventsUnderWay = 0
    private var bytesUnderWay = 0
    private var nextSweep = Timestamp(milliseconds: 0)
    private var stopping = false
    private var refusedBefore = false
    private var complained: Set<String> = []
    private var rejected: RejectedLines

    init(
        spool: SpoolFolder, lineLimit: Int, figures: Lock<IntakeFigures>, log: Logger,
        now: @escaping @Sendable () -> Timestamp, route: @escaping @Sendable (Event) -> Arrival,
        refusal: @escaping @Sendable () -> String?,
        append:
            @escaping @Sendable (
                [Arrival], @escaping @Sendable (Result<[Acceptance], OutboxError>) -> Void
            ) -> Void,
        mailbox: Mailbox<SpoolIntake.Message>
    ) {
        self.spool = spool
        self.lineLimit = lineLimit
        self.figures = figures
        self.log = log
        self.now = now
        self.route = route
        self.refusal = refusal
        self.append = append
        self.mailbox = mailbox
        rejected = RejectedLines(spool: spool)
    }

    /// Works until told to stop and everything under way is answered.
    mutating func run() {
        let watch = SpoolWatch(folder: spool.new)
        if watch.descriptor < 0 { log.warning("cannot watch the spool, looking every 5 s instead") }
        while !(stopping && files.isEmpty) {
            for message in mailbox.take() { handle(message) }
            look(watch)
            if !stopping { startFiles() }
            sleep(watch)
        }
    }

    private mutating func handle(_ message: SpoolIntake.Message) {
        switch message {
        case .appended(let file, let batch, let result): answered(file, batch, result)
        case .wake: nextSweep = Timestamp(milliseconds: 0)
        case .stop: stopping = true
        }
    }

    private func sleep(_ watch: SpoolWatch) {
        let moment = now()
        var next = nextSweep
        if let retry = queue.nextRetry, retry < next { next = retry }
        let milliseconds = max(1, min(5000, (next - moment).milliseconds))
        var descriptors = [
            pollfd(fd: mailbox.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: watch.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        _ = poll(&descriptors, 2, Int32(milliseconds))
    }

    private mutating func look(_ watch: SpoolWatch) {
        let moment = now()
        var missed = watch.descriptor < 0
        if watch.descriptor >= 0 {
            if let names = watch.names() {
                for name in names where isEventFile(name) { queue.add(name) }
            } else {
                missed = true
                nextSweep = moment
            }
        }
        let due = nextSweep <= moment || (nextSweep - moment) > SpoolIntakeLoop.sweep
        guard due || (queue.isEmpty && queue.mayBeMore) || (missed && due) else { return }
        nextSweep = moment + SpoolIntakeLoop.sweep
        do throws(SpoolError) {
            let names = try folderNames(spool.new, limit: SpoolQueue.capacity, include: isEventFile)
            queue.add(listing: names)
        } catch {
            log.error("cannot list the spool", metadata: ["spool.error": "\(error)"])
        }
        figures.withLock { $0.waitingFiles = Int64(queue.count) }
    }

    private func isEventFile(_ name: String) -> Bool {
        name.hasSuffix(".ndjson") && !name.hasPrefix(".")
    }

    private mutating func startFiles() {
        let reason = refusal()
        figures.withLock { $0.refusedBecause = reason }
        if let reason {
            if !refusedBefore { log.error("intake waits", metadata: ["intake.reason": "\(reason)"]) }
            refusedBefore = true
            return
        }
        if refusedBefore { log.notice("intake goes on") }
        refusedBefore = false
        for (number, file) in files where !file.allRead { read(number) }
        while hasRoom, let name = queue.next(now()) { start(name) }
    }

    private var hasRoom: Bool {
        eventsUnderWay < SpoolIntakeLoop.mostEvents && bytesUnderWay < SpoolIntakeLoop.mostBytes
    }

    private mutating func start(_ name: String) {
        do throws(SpoolError) {
            let descriptor = try spool.open(spool.new + "/" + name)
            nextFile += 1
            files[nextFile] = SpoolFile(name: name, descriptor: descriptor, lineLimit: lineLimit)
            read(nextFile)
        } catch {
            if error.number == ENOENT { return queue.finished(name) }
            if complained.count < 1000, complained.insert(name).inserted {
                log.error(
                    "spool file left alone: it is no readable regular file; remove it",
                    metadata: ["spool.file": "\(name)", "spool.error": "\(error)"])
            }
            queue.failed(name, until: now() + .minutes(1))
        }
    }

    /// Reads and posts batches of one file as far as the limits on what is under way permit.
    private mutating func read(_ number: Int) {
        guard let file = files[number] else { return }
        while hasRoom && !file.allRead {
            do throws(SpoolError) {
                let batch = try file.nextBatch(count: SpoolIntakeLoop.batch)
                if batch.isEmpty { break }
                post(batch, of: number)
            } catch {
                log.error(
                    "cannot read a spool file, trying again",
                    metadata: ["spool.file": "\(file.name)", "spool.error": "\(error)"])
                file.failed = true
                file.allRead = true
            }
        }
        if file.isDone { finish(number) }
    }

    private mutating func post(_ batch: [SpoolIntake.NumberedEvent], of number: Int) {
        eventsUnderWay += batch.count
        bytesUnderWay += batch.reduce(0) { $0 + $1.event.body.count }
        let mailbox = mailbox
        append(batch.map { route($0.event) }) { result in
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
            for (numbered, acceptance) in zip(batch, acceptances) { count(numbered, acceptance, in: file) }
        case .failure:
            // The outbox reports why; the file stays and is read again from its beginning.
            file.failed = true
        }
        if file.isDone { finish(number) }
    }

    private func count(
        _ numbered: SpoolIntake.NumberedEvent, _ acceptance: Acceptance, in file: SpoolFile
    ) {
        figures.withLock { figures in
            switch acceptance {
            case .accepted:
                figures.accepted += 1
                figures.lostAtSource += numbered.event.lostCount
            case .duplicate: figures.duplicates += 1
            case .conflict: figures.conflicts += 1
            }
        }
        if acceptance == .conflict {
            file.reject(
                line: numbered.line, bytes: numbered.event.body,
                reason: "the id \(numbered.event.id) is known with other content (id conflict)")
        }
    }

    private mutating func finish(_ number: Int) {
        guard let file = files.removeValue(forKey: number) else { return }
        do throws(SpoolError) {
            if file.failed { throw SpoolError(doing: "store", path: file.name, errno: EAGAIN) }
            if !file.rejections.isEmpty { try keepRejections(of: file) }
            let path = spool.new + "/" + file.name
            guard unlink(path) == 0 || errno == ENOENT else { throw SpoolError(doing: "remove", path: path) }
            queue.finished(file.name)
            figures.withLock { figures in
                figures.files += 1
                figures.waitingFiles = Int64(queue.count)
            }
        } catch {
            if error.number != EAGAIN {
                log.error(
                    "spool file cannot be put away, trying again",
                    metadata: ["spool.file": "\(file.name)", "spool.error": "\(error)"])
            }
            queue.failed(file.name, until: now() + SpoolIntakeLoop.retryAfter)
        }
    }

    private mutating func keepRejections(of file: SpoolFile) throws(SpoolError) {
        try rejected.keep(file.rejections, of: file.name)
        figures.withLock { figures in
            figures.rejected += Int64(file.rejectionCount)
            figures.rejectedFiles += 1
        }
        log.warning(
            "lines of a spool file rejected",
            metadata: [
                "spool.file": "\(file.name)", "spool.rejected": "\(file.rejectionCount)",
                "spool.first_reason": "\(file.rejections[0].reason)",
                "spool.kept_in": "\(spool.rejected)/\(file.name)",
            ])
    }
}
