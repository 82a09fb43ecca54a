// Signals between threads in place of sleeps.

import CLinux
import Glibc

/// Closed until it is opened, then open for ever. Any number of threads may wait.
final class Gate: Sendable {
    private let descriptor: Int32

    init() {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC))
    }

    deinit {
        close(descriptor)
    }

    /// Lets all waiters pass, now and later.
    func open() {
        var one: UInt64 = 1
        _ = Glibc.write(descriptor, &one, 8)
    }

    /// Waits until it is open; false after `milliseconds`.
    @discardableResult
    func wait(milliseconds: Int32 = 20_000) -> Bool {
        var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&poller, 1, milliseconds) == 1
    }
}
