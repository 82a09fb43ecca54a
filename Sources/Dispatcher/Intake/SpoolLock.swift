// One daemon a spool: a lock that the system takes back when the process ends, however it ends.

import CLinux
import Glibc
import Mailbox

/// An exclusive lock on a spool, held until it is released.
final class SpoolLock: Sendable {
    private let descriptor: Lock<Int32?>

    /// File systems on which locks, renames or inotify do not hold what intake relies on (statfs(2), magic(7)).
    private static let networkFileSystems: [Int: String] = [
        0x6969: "NFS", 0xff53_4d42: "CIFS", 0xfe53_4d42: "SMB", 0x517b: "SMB", 0x0102_1997: "9P",
        0x6573_5546: "FUSE", 0x00c3_6400: "Ceph",
    ]

    /// Locks `spool`.
    /// - Throws: `PipelineError` naming the other daemon's pid, or the file system that cannot be used.
    init(_ spool: SpoolFolder) throws(PipelineError) {
        var information = statfs()
        if statfs(spool.path, &information) == 0,
            let name = SpoolLock.networkFileSystems[Int(information.f_type)]
        {
            throw PipelineError(
                "the spool \(spool.path) is on a network file system (\(name)): put it on a local disk of the "
                    + "host that runs MWDB")
        }
        let path = spool.path + "/lock"
        let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard opened >= 0 else { throw PipelineError("\(SpoolError(doing: "open", path: path))") }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            var buffer = [UInt8](repeating: 0, count: 32)
            let count = read(opened, &buffer, buffer.count)
            let pid = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
            close(opened)
            throw PipelineError(
                "another daemon uses the spool \(spool.path) (pid \(pid.isEmpty ? "unknown" : pid)): stop it first"
            )
        }
        descriptor = Lock(opened)
        let text = Array("\(getpid())".utf8)
        _ = ftruncate(opened, 0)
        _ = write(opened, text, text.count)
    }

    deinit { release() }

    /// Lets another daemon have the spool.
    func release() {
        let held = descriptor.withLock { descriptor in
            defer { descriptor = nil }
            return descriptor
        }
        guard let held else { return }
        // A child that is just being started may have inherited the descriptor: closing would not be enough.
        flock(held, LOCK_UN)
        close(held)
    }
}
