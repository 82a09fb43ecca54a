// Takes spool files into the outbox: one thread that reads, routes and posts batches, and removes a file only
// when every event in it is durable and every bad line is kept.
// Failure: full outbox → the file stays and is tried again; unreadable file → the same, logged; a file that is
// no regular file is left alone and logged once. kill -9 anywhere repeats a file, and the outbox knows its ids.

import CLinux
import Glibc
import Logging
import Mailbox
import Model
import Outbox

/// Intake from the spool.
final class SpoolIntake: Sendable {
    /// What the intake thread is told.
    enum Message: Sendable {
        /// The outbox answered for one batch of a file.
        case appended(file: Int, batch: [NumberedEvent], Result<[Acceptance], OutboxError>)
        /// Look again now.
        case wake
        /// Start no further file; end when those under way are done.
        case stop
    }

    /// An event with the number of its line.
    struct NumberedEvent: Sendable {
        let line: Int
        let event: Event
    }

    private let mailbox = Mailbox<Message>()
    private let figures: Lock<IntakeFigures>
    private let thread = Lock<WorkerThread?>(nil)
    private let work: @Sendable (Mailbox<Message>) -> Void

    /// An intake of `spool` into `append`; `route` decides which plugins get an event; `refusal` says why
    /// nothing can be taken at the moment. It does nothing before `start`.
    init(
        spool: SpoolFolder, lineLimit: Int, figures: Lock<IntakeFigures>, log: Logger,
        now: @escaping @Sendable () -> Timestamp, route: @escaping @Sendable (Event) -> Arrival,
        refusal: @escaping @Sendable () -> String?,
        append:
            @escaping @Sendable (
                [Arrival], @escaping @Sendable (Result<[Acceptance], OutboxError>) -> Void
            ) -> Void
    ) {
        self.figures = figures
        work = { mailbox in
            var loop = SpoolIntakeLoop(
                spool: spool, lineLimit: lineLimit, figures: figures, log: log, now: now, route: route,
                refusal: refusal, append: append, mailbox: mailbox)
            loop.run()
        }
    }

    /// Starts the thread.
    /// - Throws: `WorkerThreadError`.
    func start() throws(WorkerThreadError) {
        let (mailbox, work) = (mailbox, work)
        let started = try WorkerThread(name: "intake") { work(mailbox) }
        thread.withLock { $0 = started }
    }

    /// Looks at the spool now instead of at the next sweep.
    func wake() {
        mailbox.post(.wake)
    }

    /// Starts no further file, waits for those under way and ends the thread.
    func stop() {
        mailbox.post(.stop)
        let running = thread.withLock { thread in
            let running = thread
            thread = nil
            return running
        }
        running?.join()
    }
}
