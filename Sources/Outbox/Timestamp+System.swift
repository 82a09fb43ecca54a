// The wall clock, for callers that do not bring their own.

import Glibc
import Model

extension Timestamp {
    /// This moment by the system's clock. clock_gettime(2)
    package static func systemClock() -> Timestamp {
        var moment = timespec()
        clock_gettime(CLOCK_REALTIME, &moment)
        return Timestamp(milliseconds: Int64(moment.tv_sec) * 1000 + Int64(moment.tv_nsec) / 1_000_000)
    }
}
