// Whether there is room for more events. Asked often, so the file system is asked once a second.
// Failure: a file system that does not answer refuses nothing; the write itself will tell.

import Glibc
import Mailbox
import Model

/// Free space of the outbox against `min_free_space`.
final class DiskWatch: Sendable {
    private let outbox: String
    private let clock: Clock
    private let least: @Sendable () -> Int64
    private let last = Lock<(at: Timestamp, free: Int64?)?>(nil)
    private let measure: @Sendable (String) -> Int64?

    /// A watch on the file system of `outbox`, of which `least` bytes must stay free; `measure` says how many are.
    init(
        outbox: String, clock: Clock, least: @escaping @Sendable () -> Int64,
        measure: @escaping @Sendable (String) -> Int64? = freeSpace
    ) {
        self.outbox = outbox
        self.clock = clock
        self.least = least
        self.measure = measure
    }

    /// Why no events are accepted; nil: there is room.
    var refusal: String? {
        let least = least()
        guard let free, free < least else { return nil }
        return "the outbox's disk has \(free) bytes free, min_free_space is \(least): make room on \(outbox)"
    }

    /// Free bytes on the outbox's file system; nil: it does not say.
    var free: Int64? {
        let now = clock.steady()
        return last.withLock { last in
            if let known = last, now - known.at < .seconds(1) { return known.free }
            let free = measure(outbox)
            last = (now, free)
            return free
        }
    }
}
