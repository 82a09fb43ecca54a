// The two clocks: the wall clock for what is stored and sent, a steady one for rates, windows and pauses.

import Glibc
import Model

/// Where the time comes from; injected, so that tests set it.
struct Clock: Sendable {
    /// The wall clock.
    var wall: @Sendable () -> Timestamp
    /// A clock that advances evenly; its origin means nothing.
    var steady: @Sendable () -> Timestamp

    /// Both at once.
    var moment: Moment { Moment(wall: wall(), steady: steady()) }

    /// The system's clocks (clock_gettime(2)).
    static let system = Clock(
        wall: { read(CLOCK_REALTIME) }, steady: { read(CLOCK_BOOTTIME) })

    private static func read(_ clock: clockid_t) -> Timestamp {
        var time = timespec()
        clock_gettime(clock, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
