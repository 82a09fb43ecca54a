// How threads hand work to each other: many post, one owner takes everything at once.
// Taking in batches is what makes one wake-up, one transaction or one system call serve many events.
// Failure: posting never blocks and never fails; bounds are the poster's (windows, back-pressure).

import CLinux
import Glibc

/// Messages from any thread for one owner, who sleeps on a file descriptor while there are none.
package final class Mailbox<Message: Sendable>: Sendable {
    /// Readable while messages wait; for the owner's epoll. An eventfd (eventfd(2)).
    package let descriptor: Int32
    private let waiting = Lock<[Message]>([])

    /// An empty mailbox.
    package init() {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        precondition(descriptor >= 0, "eventfd: errno \(errno)")
    }

    deinit {
        close(descriptor)
    }

    /// Adds a message; wakes the owner if it may sleep.
    package func post(_ message: Message) {
        post(contentsOf: CollectionOfOne(message))
    }

    /// Adds messages in their order; wakes the owner if it may sleep.
    package func post(contentsOf messages: some Collection<Message>) {
        guard !messages.isEmpty else { return }
        let wasEmpty = waiting.withLock { waiting in
            let wasEmpty = waiting.isEmpty
            waiting.append(contentsOf: messages)
            return wasEmpty
        }
        // Only the first message after a take needs the system call: the descriptor stays readable until then.
        if wasEmpty { signal() }
    }

    /// All waiting messages in the order of posting; empty when there are none. Does not block.
    package func take() -> [Message] {
        clearSignal()
        return waiting.withLock { waiting in
            let taken = waiting
            waiting = []
            return taken
        }
    }

    /// Sleeps until a message waits or `milliseconds` have passed (negative: for ever), then takes all.
    package func wait(milliseconds: Int32 = -1) -> [Message] {
        let taken = take()
        guard taken.isEmpty else { return taken }
        var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&poller, 1, milliseconds)
        return take()
    }

    private func signal() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    private func clearSignal() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
    }
}
