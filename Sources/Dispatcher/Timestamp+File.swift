// The times of files, which whoever owns a file sets at will: a year of twelve digits is one, and must harm nobody.

import Glibc
import Model

extension Timestamp {
    /// The second of a file's time, at least 1970 and at most the end of the year 9999, so that one can reckon with it
    /// and write it down.
    init(_ time: timespec) {
        self.init(milliseconds: min(max(Int64(time.tv_sec), 0), 253_402_300_799) * 1000)
    }
}
