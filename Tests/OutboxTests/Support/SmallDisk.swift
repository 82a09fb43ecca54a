// A file system of a few megabytes, where the test may mount one.

import Glibc

/// A small tmpfs; unmounted when nobody refers to it any more.
final class SmallDisk: Sendable {
    /// Where it is.
    let directory = TemporaryDirectory()

    /// Nil when mounting is not allowed here; errno says why.
    init?(megabytes: Int) {
        guard mount("tmpfs", directory.path, "tmpfs", 0, "size=\(megabytes)m") == 0 else { return nil }
    }

    deinit {
        umount2(directory.path, Int32(MNT_DETACH))
    }

    /// Makes it larger.
    func grow(megabytes: Int) throws {
        let flags = UInt(MS_REMOUNT)
        guard mount("tmpfs", directory.path, "tmpfs", flags, "size=\(megabytes)m") == 0 else {
            throw MountError(number: errno)
        }
    }

    struct MountError: Error {
        let number: Int32
    }
}
