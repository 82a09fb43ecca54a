// What can go wrong with files of the spool, in words.

import Glibc

/// A system call on the spool failed.
package struct SpoolError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was tried: `open`, `rename`, …
    package let doing: String
    /// The path it was tried on.
    package let path: String
    /// errno's number.
    package let number: Int32

    init(doing: String, path: String, errno number: Int32 = Glibc.errno) {
        self.doing = doing
        self.path = path
        self.number = number
    }

    /// In words.
    package var description: String { "cannot \(doing) \(path): \(String(cString: strerror(number)))" }
}
