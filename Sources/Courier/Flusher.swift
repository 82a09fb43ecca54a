// Flushes fetched files to disk on a thread of its own: an fsync can take seconds, and no delivery waits for it.
// Failure: a file that does not reach the disk is removed, and its request fails as `local`.

import Glibc
import Mailbox
import Model

/// A thread that completes answer files and then hands their replies to the courier.
final class Flusher: Sendable {
    private enum Job: Sendable {
        case flush(AnswerFile, Reply)
        case stop
    }

    private let jobs: Mailbox<Job>
    private let thread: WorkerThread

    /// Starts the thread; replies go to `courier`.
    /// - Throws: `CourierError` when the system refuses another thread.
    init(name: String, courier: Mailbox<Command>) throws(CourierError) {
        let jobs = Mailbox<Job>()
        self.jobs = jobs
        thread = try CourierError.wrap { () throws(WorkerThreadError) in
            try WorkerThread(name: name) { Flusher.work(jobs, courier) }
        }
    }

    private static func work(_ jobs: Mailbox<Job>, _ courier: Mailbox<Command>) {
        while true {
            for job in jobs.wait() {
                guard case .flush(let file, let reply) = job else { return }
                courier.post(.flushed(complete(file, reply)))
            }
        }
    }

    deinit {
        stop()
    }

    /// Completes `file`, then gives `reply`.
    func flush(_ file: AnswerFile, then reply: Reply) {
        jobs.post(.flush(file, reply))
    }

    /// Finishes what was given and ends the thread.
    func stop() {
        jobs.post(.stop)
        thread.join()
    }

    /// `reply`, or the failure to keep the file it brought.
    static func complete(_ file: AnswerFile, _ reply: Reply) -> Reply {
        do throws(ExchangeFailure) {
            try file.complete()
            return reply
        } catch {
            var failed = reply
            failed.result = .failure(
                ExchangeFailure(kind: error.kind, message: error.message, requestSent: true))
            return failed
        }
    }
}
