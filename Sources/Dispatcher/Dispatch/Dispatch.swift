// The dispatch thread: hands deliveries from the outbox to the courier as each plugin's queue permits, and
// settles what comes back. One thread, no lock, no task a delivery; one wake-up claims, sends and records many.
// Failure: nothing here is durable, so a crash anywhere leaves deliveries pending in the outbox.

import Courier
import Logging
import Mailbox
import Model
import Outbox

/// The dispatcher's thread and its mailbox.
final class Dispatch: Sendable {
    private let mailbox = Mailbox<DispatchMessage>()
    private let thread = Lock<WorkerThread?>(nil)

    /// A dispatcher that is not started: messages wait.
    init() {}

    /// Starts the thread.
    /// - Throws: `WorkerThreadError`.
    func start(
        outbox: Outbox, courier: Courier, samples: SampleStore, log: Logger, clock: Clock
    ) throws(WorkerThreadError) {
        let mailbox = mailbox
        let started = try WorkerThread(name: "dispatch") {
            let loop = DispatchLoop(
                mailbox: mailbox, outbox: outbox, courier: courier, samples: samples, log: log, clock: clock)
            loop.run()
        }
        thread.withLock { $0 = started }
    }

    /// Posts a message.
    func post(_ message: DispatchMessage) {
        mailbox.post(message)
    }

    /// How each queue stands.
    func report() async -> [PluginNumber: PluginStatus] {
        await withCheckedContinuation { continuation in
            mailbox.post(.report { continuation.resume(returning: $0) })
        }
    }

    /// Ends the thread.
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
