// One daemon a directory: a lock file, held by flock(2) for as long as the process lives and holding its pid.
// Spool and outbox are both guarded by it.
// Failure: a second daemon is told the first one's pid.

import CLinux
import Glibc

/// The exclusive use of a directory; given up when the value goes or the process ends, however it ends.
package final class DirectoryLock: Sendable {
    private let descriptor: Int32

    /// Locks `directory` by its file `lock`, which is made if it is not there.
    /// - Throws: `.locked` with the holder's pid, `.unusable` when the file cannot be made.
    package init(directory: String) throws(OutboxError) {
        let path = directory + "/lock"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw .unusable(
                "cannot open \(path): \(String(cString: strerror(errno))); the daemon's user must own \(directory)"
            )
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let number = errno
            let holder = Self.holder(descriptor)
            close(descriptor)
            guard number == EWOULDBLOCK else {
                throw .unusable("cannot lock \(path): \(String(cString: strerror(number)))")
            }
            throw .locked(pid: holder)
        }
        self.descriptor = descriptor
        let text = Array("\(getpid())\n".utf8)
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, text, text.count, 0)
    }

    deinit {
        // Closing alone would leave it locked while a child that is being started still has the descriptor.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    private static func holder(_ descriptor: Int32) -> Int32? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        let digits = bytes[..<count].prefix { $0 >= 0x30 && $0 <= 0x39 }
        return Int32(String(decoding: digits, as: UTF8.self))
    }
}
