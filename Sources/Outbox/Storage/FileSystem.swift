// Which file systems can be trusted with an fsync and a lock. A network file system may acknowledge what it has
// not stored and lock what another host does not see, so it is refused, for outbox and spool alike.
// Failure: a directory that cannot be examined is refused with errno's words.

import CLinux
import Glibc

/// What is known of the file system under a directory.
package struct FileSystem: Sendable, Equatable {
    /// Its name as in /proc/filesystems where it is known, otherwise its number; see statfs(2).
    package var name: String
    /// Files are on another host.
    package var isNetwork: Bool

    /// The file system that holds `directory`.
    /// - Throws: `.unusable` when it cannot be examined.
    package init(of directory: String) throws(OutboxError) {
        var information = statfs()
        guard statfs(directory, &information) == 0 else {
            throw .unusable(
                "cannot examine the file system of \(directory): \(String(cString: strerror(errno)))")
        }
        let number = UInt32(truncatingIfNeeded: information.f_type)
        if number == Self.fuse {
            self.init(fuseKind: Self.mountedKind(at: directory))
        } else {
            self.init(number: number)
        }
    }

    /// The file system with statfs(2)'s `number`.
    init(number: UInt32) {
        name = Self.networks[number] ?? "0x" + String(number, radix: 16)
        isNetwork = Self.networks[number] != nil
    }

    /// A FUSE file system of the kind that the mount table names, e.g. `fuse.sshfs`.
    init(fuseKind: String?) {
        name = fuseKind ?? "fuse"
        isNetwork = Self.fuseNetworks.contains { (fuseKind ?? "").hasPrefix("fuse." + $0) }
    }

    /// The kind of the mount that holds `directory`, from the mount table; nil when it is not there.
    static func mountedKind(at directory: String) -> String? {
        var status = stat()
        guard stat(directory, &status) == 0 else { return nil }
        // makedev(3): Linux spreads major and minor over the bits of dev_t.
        let device = UInt64(status.st_dev)
        let major = (device >> 8) & 0xfff | (device >> 32) & ~0xfff
        let minor = device & 0xff | (device >> 12) & ~0xff
        guard let table = readAll("/proc/self/mountinfo") else { return nil }
        return kind(ofDevice: "\(major):\(minor)", in: table)
    }

    /// Finds a device in the text of /proc/self/mountinfo (proc(5)).
    static func kind(ofDevice device: String, in table: String) -> String? {
        for line in table.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 2, fields[2] == device, let dash = fields.firstIndex(of: "-"),
                dash + 1 < fields.count
            else { continue }
            return String(fields[dash + 1])
        }
        return nil
    }

    private static func readAll(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            guard count > 0 else { return count == 0 ? String(decoding: bytes, as: UTF8.self) : nil }
            bytes.append(contentsOf: chunk[..<count])
        }
    }

    private static let fuse: UInt32 = 0x6573_5546
    /// From statfs(2) and linux/magic.h.
    private static let networks: [UInt32: String] = [
        0x6969: "nfs", 0x517b: "smb", 0xff53_4d42: "cifs", 0xfe53_4d42: "smb2", 0x0102_1997: "9p",
        0x5346_414f: "afs", 0x6b41_4653: "afs", 0x7375_7245: "coda", 0x00c3_6400: "ceph", 0x564c: "ncp",
        0x0bd0_0bd0: "lustre", 0x4750_4653: "gpfs",
    ]
    private static let fuseNetworks = [
        "sshfs", "glusterfs", "s3fs", "s3ql", "rclone", "ceph", "davfs", "curlftpfs", "gcsfuse", "goofys",
        "juicefs",
        "blobfuse", "moosefs", "mfs", "seaweedfs", "smbnetfs", "hdfs",
    ]
}
