// The thread that owns the outbox's database: takes what was posted, stores it in one transaction, answers, and
// hands out deliveries. Everything here runs on that thread.
// Failure: a full disk fails what was to be stored and goes on; after any other failure nothing is stored or
// acknowledged any more and the daemon is told to exit.

import Mailbox
import Model

/// State and loop of the outbox's thread.
///
/// Unchecked, because it is built on the opener's thread and from then on touched by its own thread only.
final class OutboxWriter: @unchecked Sendable {
    let database: Database<WriterQuery>
    /// Given up after the database, when the thread has ended.
    private let directoryLock: DirectoryLock
    let mailbox: Mailbox<OutboxMessage>
    let clock: @Sendable () -> Timestamp
    let onClaims: @Sendable ([Claim]) -> Void
    let onBroken: @Sendable (OutboxError) -> Void
    let checkpointer: Checkpointer
    let logLimit: Int
    let pageSize: Int
    /// The checkpointer is at work.
    var isMovingLog = false
    /// Pages of the log from which it is moved.
    var logThreshold = 0

    /// Time of the current round.
    var moment: Timestamp
    var counters = Counters()
    /// By plugin number.
    var queues: [ClaimQueue] = []
    /// Queues that may have something to hand out, in the order in which they are served.
    var dirty: [Int] = []
    /// No queue with credit has a retry that is due before this.
    var earliestDue: Int64 = 0
    /// What is handed out.
    var claims: [DeliveryID: ClaimedRow] = [:]
    var lastSequence: Int64 = 0
    var transaction = Transaction()
    /// What the last commit took, in nanoseconds.
    var lastCommit: UInt64 = 0

    /// Single events whose producers wait: they go before what came in bulk.
    private var prompt: [AppendRequest] = []
    /// Other messages that write, in the order of posting; those before `inboxStart` are done.
    private var inbox: [OutboxMessage] = []
    private var inboxStart = 0
    /// How many of them are marks.
    private var marks = 0
    /// Records that wait for company, or for room on the disk.
    var unsaved = UnsavedRecords()
    private var jobs: [any Job] = []
    private(set) var broken: OutboxError?
    private var isClosing = false

    /// A delivery that is handed out.
    struct ClaimedRow {
        /// Its state as stored.
        var state: DeliveryState
        /// Its outcome is on its way into the database.
        var isRecorded = false
        /// What it must not overtake.
        var line: Int64?
        /// The claim ends with the open transaction.
        var isEnding = false
    }

    /// Builds the writer on the database in `directory`, which it opens.
    init(
        _ directory: OutboxDirectory, _ options: OutboxOptions, mailbox: Mailbox<OutboxMessage>,
        clock: @escaping @Sendable () -> Timestamp, onClaims: @escaping @Sendable ([Claim]) -> Void,
        onBroken: @escaping @Sendable (OutboxError) -> Void
    ) throws(OutboxError) {
        directoryLock = try DirectoryLock(directory: directory.path)
        database = try Self.open(directory, options)
        checkpointer = try Checkpointer(directory, options) { mailbox.post(.logWasMoved($0)) }
        self.mailbox = mailbox
        self.clock = clock
        self.onClaims = onClaims
        self.onBroken = onBroken
        logLimit = options.logLimit
        pageSize = Int(try database.pragma("page_size"))
        moment = clock()
        try load()
    }

    /// The thread's life: rounds of work until the outbox is closed.
    func run() {
        while !isClosing {
            let patience = patience()
            sort(patience == 0 ? mailbox.take() : mailbox.wait(milliseconds: patience))
            moment = clock()
            guard broken == nil else {
                refuseEverything()
                continue
            }
            round()
        }
        finish()
    }

    /// One transaction. What it had no room for waits for the next, together with what is posted meanwhile.
    private func round() {
        wakeDueQueues()
        // First what is there already: receivers get work while we wait for the disk.
        handOut()
        store()
        handOut()
        // What is done holds the bytes of its events.
        inbox.removeSubrange(..<inboxStart)
        inboxStart = 0
        runJobs()
        maintainLog()
    }

    private var hasMessages: Bool { inboxStart < inbox.count || !prompt.isEmpty }

    /// Milliseconds to sleep when nobody posts anything.
    private func patience() -> Int32 {
        if broken != nil { return -1 }
        if hasMessages || !jobs.isEmpty || (!dirty.isEmpty && !unsaved.isStalled) { return 0 }
        // A clock may be set: look at it now and then.
        var wait: Int64 = 30_000
        if let deadline = unsaved.deadline { wait = min(wait, deadline - UnsavedRecords.uptime()) }
        if !unsaved.isStalled { wait = min(wait, earliestDue - moment.milliseconds) }
        return Int32(max(wait, 0))
    }

    /// Takes what changes memory only at once; what writes waits for the transaction.
    private func sort(_ messages: [OutboxMessage]) {
        for message in messages {
            switch message {
            case .addCredit(let count, let queue, let order): addCredit(count, queue, order)
            case .withdrawCredit(let queue): withdrawCredit(queue)
            case .record(let request): keep(request)
            case .logWasMoved(let error): logWasMoved(error)
            case .close: isClosing = true
            case .append(let request):
                if request.isPrompt { prompt.append(request) } else { inbox.append(message) }
            // Finds what was posted before it.
            case .job: inbox.append(message)
            case .markStarted:
                inbox.append(message)
                marks += 1
            case .release(let deliveries):
                // Not before a mark that was posted earlier.
                if marks > 0 { inbox.append(message) } else { release(deliveries) }
            }
        }
    }

    /// One transaction's worth of what is to be stored.
    private func store() {
        if unsaved.isStalled, unsaved.isDue(forced: false) { storeRecordsAlone() }
        // An operation is to find what was recorded before it.
        let withRecords = !unsaved.isStalled && unsaved.isDue(forced: hasMessages || !jobs.isEmpty)
        guard broken == nil, withRecords || hasMessages else { return }
        do throws(OutboxError) {
            if withRecords { try storeRecords() }
            transaction.end = Self.nanoseconds() + max(Transaction.timeLimit, 2 * lastCommit)
            try storePrompt()
            try storeInbox()
            try commit()
        } catch {
            abandon(error)
            // Outcomes matter more than new events and may fit where those did not.
            if broken == nil, withRecords { storeRecordsAlone() }
        }
    }

    /// At least one, whatever came before it in this transaction.
    private func storePrompt() throws(OutboxError) {
        var stored = 0
        defer { prompt.removeFirst(stored) }
        while stored < prompt.count, stored == 0 || transaction.hasRoom(at: Self.nanoseconds()) {
            stored += 1
            try answering(prompt[stored - 1])
        }
    }

    /// At least one, whatever came before it in this transaction.
    private func storeInbox() throws(OutboxError) {
        let first = inboxStart
        while inboxStart < inbox.count, inboxStart == first || transaction.hasRoom(at: Self.nanoseconds()) {
            inboxStart += 1
            try apply(inbox[inboxStart - 1])
        }
    }

    private func answering(_ request: AppendRequest) throws(OutboxError) {
        do throws(OutboxError) {
            try append(request)
        } catch {
            request.completion(.failure(error))
            throw error
        }
    }

    private func apply(_ message: OutboxMessage) throws(OutboxError) {
        switch message {
        case .append(let request): try answering(request)
        case .markStarted(let deliveries, let completion):
            marks -= 1
            do throws(OutboxError) {
                try markStarted(deliveries, completion)
            } catch {
                completion(.failure(error))
                throw error
            }
        case .release(let deliveries): release(deliveries)
        case .job(let job): jobs.append(job)
        default: break
        }
    }

    private func storeRecordsAlone() {
        do throws(OutboxError) {
            try storeRecords()
            try commit()
        } catch {
            abandon(error)
            unsaved.stall()
        }
    }

    private func runJobs() {
        guard !jobs.isEmpty, broken == nil else { return }
        var running = jobs
        jobs = []
        var isDone = Array(repeating: false, count: running.count)
        do throws(OutboxError) {
            for index in running.indices { isDone[index] = try running[index].slice(self) }
            try commit()
        } catch {
            abandon(error)
            for job in running { job.complete(error) }
            return
        }
        for (job, isDone) in zip(running, isDone) {
            if isDone { job.complete(nil) } else { jobs.append(job) }
        }
        handOut()
    }

    /// Ends everything: nothing is acknowledged after this.
    func breakDown(_ error: OutboxError) {
        guard broken == nil else { return }
        broken = error
        onBroken(error)
        refuseEverything()
    }

    private func refuseEverything() {
        let error = broken ?? .closed
        for request in prompt { request.completion(.failure(error)) }
        prompt.removeAll()
        for message in inbox[inboxStart...] {
            switch message {
            case .append(let request): request.completion(.failure(error))
            case .markStarted(_, let completion): completion(.failure(error))
            case .job(let job): job.complete(error)
            default: break
            }
        }
        inbox.removeAll()
        inboxStart = 0
        marks = 0
        for request in unsaved.takeAll() { request.completion?(.failure(error)) }
        for job in jobs { job.complete(error) }
        jobs.removeAll()
    }

    private func finish() {
        if broken == nil {
            repeat { round() } while hasMessages && broken == nil
            unsaved.expire()
            store()
        }
        refuseEverything()
        checkpointer.stop()
        sort(mailbox.take())
        if broken == nil { truncateLog() }
    }
}
