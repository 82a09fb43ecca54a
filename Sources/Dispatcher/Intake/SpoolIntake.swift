// Takes spool files into the outbox: one thread that reads, routes and posts batches, and removes a file only
// when every event in it is durable and every bad line is kept.
// Failure: full outbox → the file stays and is tried again; unreadable file → the same, logged; what is no regular
// file is left alone and logged once. kill -9 anywhere repeats a file, and the outbox knows its ids.

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
        /// Start no further file, read no further batch; end when those posted are answered.
        case stop
    }

    /// An event with the number of its line.
    struct NumberedEvent: Sendable {
        let line: Int
        let event: Event
    }

    /// Stores events, as `Outbox.append` does.
    typealias Append =
        @Sendable ([Arrival], @escaping @Sendable (Result<[Acceptance], OutboxError>) -> Void) -> Void

    /// What intake works with.
    struct Surroundings: Sendable {
        /// The spool.
        let spool: SpoolFolder
        /// Longest event in bytes, as configured now.
        let lineLimit: @Sendable () -> Int
        /// Where it counts.
        let figures: Lock<IntakeFigures>
        /// Where it tells.
        let log: Logger
        /// The clocks.
        let clock: Clock
        /// Decides which plugins get an event.
        let route: @Sendable (Event) -> Arrival
        /// Why nothing can be taken at the moment.
        let refusal: @Sendable () -> String?
        /// Where events go.
        let append: Append
    }

    private let mailbox = Mailbox<Message>()
    private let surroundings: Surroundings
    private let thread = Lock<WorkerThread?>(nil)

    /// An intake that does nothing before `start`.
    init(_ surroundings: Surroundings) {
        self.surroundings = surroundings
    }

    /// Starts the thread.
    /// - Throws: `WorkerThreadError`.
    func start() throws(WorkerThreadError) {
        let (mailbox, surroundings) = (mailbox, surroundings)
        let started = try WorkerThread(name: "intake") {
            var loop = SpoolIntakeLoop(surroundings, mailbox: mailbox)
            loop.run()
        }
        thread.withLock { $0 = started }
    }

    /// Looks at the spool now instead of at the next sweep.
    func wake() {
        mailbox.post(.wake)
    }

    /// Reads nothing more, waits for the outbox to answer what was posted, and ends the thread. What is left
    /// stays in the spool.
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
