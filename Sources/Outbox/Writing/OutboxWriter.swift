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

    /// Messages that write, in the order of posting.
    private var inbox: [OutboxMessage] = []
    private var inboxStart = 0
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

    private func round() {
        wakeDueQueues()
        // First what is there already: receivers get work while we wait for the disk.
        handOut()
        repeat {
            store()
            handOut()
        } while inboxStart < inbox.count && broken == nil
        inbox.removeAll(keepingCapacity: true)
        inboxStart = 0
        runJobs()
        maintainLog()
    }

    /// Milliseconds to sleep when nobody posts anything.
    private func patience() -> Int32 {
        if broken != nil { return -1 }
        if !jobs.isEmpty || (!dirty.isEmpty && !unsaved.isStalled) { return 0 }
        // A clock may be set: look at it now and then.
        var wait: Int64 = 30_000
        if let deadline = unsaved.deadline { wait = min(wait, deadline - UnsavedRecords.uptime()) }
        if !unsaved.isStalled { wait = min(wait, earliestDue - moment.milliseconds) }
        return Int32(max(wait, 0))
    }

    /// Takes what changes memory only at once; what writes waits for the transaction.
    private func sort(_ messages: [OutboxMessage]) {
        var isMarking = false
        for message in messages {
            switch message {
            case .addCredit(let count, let queue, let order): addCredit(count, queue, order)
            case .withdrawCredit(let queue): withdrawCredit(queue)
            case .record(let request): keep(request)
            case .job(let job): jobs.append(job)
            case .logWasMoved(let error): logWasMoved(error)
            case .close: isClosing = true
            case .append: inbox.append(message)
            case .markStarted:
                inbox.append(message)
                isMarking = true
            case .release(let deliveries):
                // Not before a mark that was posted earlier.
                if isMarking { inbox.append(message) } else { release(deliveries) }
            }
        }
    }

    /// One transaction's worth of what is to be stored.
    private func store() {
        if unsaved.isStalled, unsaved.isDue(forced: false) { storeRecordsAlone() }
        // An operation is to find what was recorded before it.
        let isForced = inboxStart < inbox.count || !jobs.isEmpty
        let withRecords = !unsaved.isStalled && unsaved.isDue(forced: isForced)
        guard broken == nil, withRecords || inboxStart < inbox.count else { return }
        do throws(OutboxError) {
            if withRecords { try storeRecords() }
            while inboxStart < inbox.count, transaction.hasRoom {
                let message = inbox[inboxStart]
                inboxStart += 1
                try apply(message)
            }
            try commit()
        } catch {
            abandon(error)
            // Outcomes matter more than new events and may fit where those did not.
            if broken == nil, withRecords { storeRecordsAlone() }
        }
    }

    private func apply(_ message: OutboxMessage) throws(OutboxError) {
        switch message {
        case .append(let request):
            do throws(OutboxError) {
                try append(request)
            } catch {
                request.completion(.failure(error))
                throw error
            }
        case .markStarted(let deliveries, let completion):
            do throws(OutboxError) {
                try markStarted(deliveries, completion)
            } catch {
                completion(.failure(error))
                throw error
            }
        case .release(let deliveries): release(deliveries)
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
        for message in inbox[inboxStart...] {
            switch message {
            case .append(let request): request.completion(.failure(error))
            case .markStarted(_, let completion): completion(.failure(error))
            default: break
            }
        }
        inbox.removeAll()
        inboxStart = 0
        for request in unsaved.takeAll() { request.completion?(.failure(error)) }
        for job in jobs { job.complete(error) }
        jobs.removeAll()
    }

    private func finish() {
        if broken == nil {
            round()
            unsaved.expire()
            store()
        }
        refuseEverything()
        checkpointer.stop()
        sort(mailbox.take())
        if broken == nil { truncateLog() }
    }
}
