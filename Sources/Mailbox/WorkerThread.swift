// A named thread that can be joined: the owner of a C handle that must stay on one thread.
// Failure: a thread that cannot be made is a start-up error with errno's words.

import CLinux
import Glibc

/// A thread that runs one function to its end.
package final class WorkerThread: @unchecked Sendable {
    private var thread = pthread_t()
    /// It was started, and nobody has joined it.
    private let isOwed = Lock(false)

    /// Starts a thread called `name` (at most 15 bytes are shown by the system) that runs `body`.
    /// - Throws: `WorkerThreadError` when the system refuses another thread.
    package init(name: String, body: @escaping @Sendable () -> Void) throws(WorkerThreadError) {
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        let status = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                clinux_name_thread(start.name)
                start.body()
                return nil
            }, start.toOpaque())
        guard status == 0 else {
            start.release()
            throw WorkerThreadError(name: name, status: status)
        }
        isOwed.withLock { $0 = true }
    }

    deinit {
        // The last owner may be the thread itself, or one that must not wait; the system takes it back at its end.
        if takeOwed() { pthread_detach(thread) }
    }

    /// Waits for the thread's end. May be called more than once.
    package func join() {
        if takeOwed() { pthread_join(thread, nil) }
    }

    private func takeOwed() -> Bool {
        isOwed.withLock { isOwed in
            defer { isOwed = false }
            return isOwed
        }
    }
}

private final class Start: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

/// The system refused to make a thread.
package struct WorkerThreadError: Error, CustomStringConvertible {
    /// What the thread was for.
    package let name: String
    /// errno's number, from pthread_create(3).
    package let status: Int32

    /// In words.
    package var description: String {
        "cannot start thread '\(name)': \(String(cString: strerror(status)))"
    }
}
