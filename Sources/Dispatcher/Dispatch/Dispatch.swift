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
    private let state = Lock(State())

    private struct State {
        var thread: WorkerThread?
        var isStopped = false
    }

    /// A dispatcher that is not started: messages wait.
    init() {}

    /// Starts the thread.
    /// - Throws: `WorkerThreadError`.
    func start(
        outbox: Outbox, courier: Courier, samples: SampleStore, log: Logger, clock: Clock,
        notices: Lock<NoticeRules>
    ) throws(WorkerThreadError) {
        let mailbox = mailbox
        let started = try WorkerThread(name: "dispatch") {
            let loop = DispatchLoop(
                mailbox: mailbox, outbox: outbox, courier: courier, samples: samples, log: log, clock: clock,
                notices: notices)
            loop.run()
        }
        state.withLock { $0.thread = started }
    }

    /// Posts a message; after the end, whoever waits for an answer gets it at once.
    func post(_ message: DispatchMessage) {
        let isStopped = state.withLock { state in
            if !state.isStopped { mailbox.post(message) }
            return state.isStopped
        }
        if isStopped { message.refuse() }
    }

    /// How each queue stands; empty when the thread has ended.
    func report() async -> [PluginNumber: PluginStatus] {
        await withCheckedContinuation { continuation in
            post(.report { continuation.resume(returning: $0) })
        }
    }

    /// Runs `operation` while these queues, or all, have nothing claimed but what is being sent, so that it reaches
    /// every delivery that waits.
    func holding<Result>(
        _ numbers: Set<PluginNumber>?, _ operation: () async throws -> Result
    ) async throws -> Result {
        await withCheckedContinuation { continuation in
            post(.hold(numbers) { continuation.resume() })
        }
        defer { post(.goOn(numbers)) }
        return try await operation()
    }

    /// Starts nothing more and waits until nothing is in flight.
    func drain() async {
        // Without a thread nothing is in flight, and nobody would answer.
        guard state.withLock({ $0.thread != nil }) else { return }
        await withCheckedContinuation { continuation in
            post(.drain { continuation.resume() })
        }
    }

    /// Ends the thread.
    func stop() {
        let running = state.withLock { state in
            if !state.isStopped { mailbox.post(.stop) }
            state.isStopped = true
            defer { state.thread = nil }
            return state.thread
        }
        if let running {
            running.join()
        } else {
            for message in mailbox.take() { message.refuse() }
        }
    }
}
