// Whether there is room for more events. Asked often, so the file system is asked once a second.
// Failure: a file system that does not answer refuses nothing; the write itself will tell.

import Glibc
import Mailbox
import Model

/// Free space of the outbox against `min_free_space`.
final class DiskWatch: Sendable {
    private let outbox: String
    private let clock: Clock
    private let state: Lock<PipelineState>
    private let last = Lock<(at: Timestamp, free: Int64?)>((Timestamp(milliseconds: .min / 2), nil))

    init(outbox: String, clock: Clock, state: Lock<PipelineState>) {
        self.outbox = outbox
        self.clock = clock
        self.state = state
    }

    /// Why no events are accepted; nil: there is room.
    var refusal: String? {
        let least = state.withLock { $0.settings.minimumFreeSpace }
        guard let free, free < least else { return nil }
        return "the outbox's disk has \(free) bytes free, min_free_space is \(least): make room on \(outbox)"
    }

    /// Room is running out: what can be fetched again should be released.
    var isShort: Bool {
        let least = state.withLock { $0.settings.minimumFreeSpace }
        return free.map { $0 < 2 * least } ?? false
    }

    private var free: Int64? {
        let now = clock.steady()
        let known = last.withLock { $0 }
        if now - known.at < .seconds(1) { return known.free }
        let free = freeSpace(outbox)
        last.withLock { $0 = (now, free) }
        return free
    }
}
