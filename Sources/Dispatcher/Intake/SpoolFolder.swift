// The spool on disk: its folders, how files in it are opened, and how small files are replaced durably.
// The spool is writable by MWDB's user, so nothing in it is trusted: only regular files are opened, links are
// not followed, not even in place of a folder, and a name from an event is checked before it becomes a path.

import CLinux
import Glibc

/// The folders of a spool.
struct SpoolFolder: Sendable {
    /// Absolute path of the spool.
    let path: String

    /// Finished event files.
    var new: String { path + "/new" }
    /// Unfinished files.
    var tmp: String { path + "/tmp" }
    /// Samples, named by SHA-256.
    var content: String { path + "/content" }
    /// One file a source process.
    var heartbeat: String { path + "/heartbeat" }
    /// Lines that were no events.
    var rejected: String { path + "/rejected" }

    /// Makes the folders that are missing: group-writable with the setgid bit, so that MWDB's user and ours can
    /// share them through a group.
    /// - Throws: `SpoolError`, for a link among the spool's folders too.
    func prepare() throws(SpoolError) {
        for folder in [path, new, tmp, content, heartbeat, rejected] { try make(folder) }
        try opened(path).sync()
    }

    /// Makes a folder that MWDB's user can write to through the group. A setgid parent hands its bit down; where
    /// it does not, the bit is set.
    private func make(_ folder: String) throws(SpoolError) {
        // The umask would take the group's right away, and chmod(2) without the setgid bit an inherited one.
        let mask = umask(0)
        let made = mkdir(folder, 0o770)
        let problem = errno
        umask(mask)
        guard made == 0 || problem == EEXIST else {
            throw SpoolError(doing: "make folder", path: folder, errno: problem)
        }
        let opened = try opened(folder)
        // What an operator has set stays.
        if made == 0 { try opened.share() }
    }

    /// Opens one of the spool's folders, which MWDB's user must not have replaced by a link; the spool itself lies where
    /// only the operator puts one.
    /// - Throws: `SpoolError`.
    func opened(_ folder: String) throws(SpoolError) -> OpenFolder {
        try OpenFolder(folder, followsLink: folder == path)
    }

    /// Path of a sample in `content/`, if it is there as a regular file.
    func sample(_ sha256: String) -> String? {
        let file = content + "/" + sha256
        var information = stat()
        guard isSHA256(sha256), lstat(file, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
            return nil
        }
        return file
    }

    /// Replaces the file `name` in `folder` durably: written aside, fsynced, renamed, folder fsynced.
    /// - Throws: `SpoolError`; the old file is then still there.
    func replace(_ name: String, in folder: String, with bytes: [UInt8], mode: mode_t) throws(SpoolError) {
        let aside = ".\(name).\(getpid())"
        let (tmp, folder) = (try opened(tmp), try opened(folder))
        // The mode is set: the daemon's umask must not hide the file from MWDB's user.
        try tmp.write(aside, bytes, mode: mode)
        try tmp.move(aside, to: folder, as: name)
    }

    /// Free bytes for ordinary users on the spool's file system; nil when it cannot be told.
    var freeBytes: Int64? { freeSpace(path) }
}

/// Whether `text` is 64 lower-case hex digits, and so safe as a file name.
func isSHA256(_ text: String) -> Bool {
    text.utf8.count == 64 && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
}

/// Free bytes for ordinary users on the file system of `path`; nil when it cannot be told.
func freeSpace(_ path: String) -> Int64? {
    var information = statvfs()
    guard statvfs(path, &information) == 0 else { return nil }
    return Int64(clamping: UInt64(information.f_bavail) * UInt64(information.f_frsize))
}

/// Writes all of `bytes`, over short writes and interruptions.
/// - Throws: `SpoolError`.
func writeAll(_ bytes: some Sequence<UInt8>, to descriptor: Int32, path: String) throws(SpoolError) {
    let bytes = Array(bytes)
    var written = 0
    while written < bytes.count {
        let count = bytes.withUnsafeBytes { buffer in
            buffer.baseAddress.map { write(descriptor, $0 + written, bytes.count - written) } ?? 0
        }
        if count >= 0 {
            written += count
        } else if errno != EINTR {
            throw SpoolError(doing: "write", path: path)
        }
    }
}
