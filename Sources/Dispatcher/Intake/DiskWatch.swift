// Whether there is room for more events. Asked often, so the file system is asked once a second.
// Failure: a file system that does not answer refuses nothing; the write itself will tell.

import Glibc
import Mailbox
import Model
import Outbox

/// Free space of the outbox against `min_free_space`.
final class DiskWatch: Sendable {
    private let outbox: String
    private let clock: Clock
    private let least: @Sendable () -> Int64
    private let last = Lock<(at: Timestamp, free: Int64?)?>(nil)
    private let measure: @Sendable (String) -> Int64?
    private let full = Lock<(at: Timestamp, reason: String)?>(nil)

    /// So long an outbox that was full is taken to be full, if nobody has asked it to store anything since.
    private static let memory = Span.minutes(1)

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

    /// Why events are not accepted as far as is known: also what the outbox itself said last, since a quota does not
    /// show in the free space. Nobody is refused for that: only by trying can one see that it goes on.
    var problem: String? {
        if let refusal { return refusal }
        let now = clock.steady()
        return full.withLock { full in
            full.flatMap { now - $0.at < DiskWatch.memory ? $0.reason : nil }
        }
    }

    /// The outbox stored what it was given, or could not because of `error`.
    func note(_ error: OutboxError?) {
        if let error {
            guard case .full = error else { return }
            full.withLock { [now = clock.steady()] in $0 = (now, "\(error)") }
        } else {
            full.withLock { $0 = nil }
        }
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

extension Result {
    /// What went wrong; nil: nothing.
    var error: Failure? {
        guard case .failure(let error) = self else { return nil }
        return error
    }
}
