// Signals as a stream of values. A handler may do next to nothing (signal-safety(7)), so it writes the signal's
// number into a pipe, and a thread reads it there. A second SIGTERM or SIGINT ends the process at once: whoever sends
// it no longer wants to wait.

import Glibc
import Mailbox

/// Signals that the daemon acts on.
enum Signals {
    /// What a signal asks for.
    enum Wish: Sendable, Equatable {
        /// SIGTERM, SIGINT.
        case stop
        /// SIGHUP.
        case reload
    }

    private static let pipeEnds: (read: Int32, write: Int32) = {
        var ends: [Int32] = [-1, -1]
        _ = pipe(&ends)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }()

    /// Takes over SIGTERM, SIGINT and SIGHUP for the rest of the process.
    /// - Throws: `WorkerThreadError` when the thread cannot be started.
    static func wishes() throws(WorkerThreadError) -> AsyncStream<Wish> {
        let (stream, continuation) = AsyncStream<Wish>.makeStream()
        let descriptor = pipeEnds.read
        for number in [SIGTERM, SIGINT, SIGHUP] {
            // A handler without context can only reach what is global; the pipe was made above.
            signal(number) { number in
                var byte = UInt8(truncatingIfNeeded: number)
                _ = write(Signals.pipeEnds.write, &byte, 1)
            }
        }
        _ = try WorkerThread(name: "signals") {
            var hasStopped = false
            while let number = next(from: descriptor) {
                guard number != SIGHUP else {
                    continuation.yield(.reload)
                    continue
                }
                if hasStopped { _exit(1) }
                hasStopped = true
                continuation.yield(.stop)
            }
        }
        return stream
    }

    private static func next(from descriptor: Int32) -> Int32? {
        var byte: UInt8 = 0
        while true {
            let count = read(descriptor, &byte, 1)
            if count == 1 { return Int32(byte) }
            guard count < 0, errno == EINTR else { return nil }
        }
    }
}
