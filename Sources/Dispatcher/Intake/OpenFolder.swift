// A folder that is worked in by its descriptor. MWDB's user may write to the spool, and so may put a link to any folder
// where one of the spool's was: a path would lead there, with the daemon's rights. A descriptor stays where it was opened,
// and it is opened only on a folder that is none but itself.
// Failure: errno's words, and what to do about a link.

import Glibc

/// An open folder; names in it are looked up in it, wherever its path leads by now.
final class OpenFolder: Sendable {
    /// The path it was opened by.
    let path: String
    private let descriptor: Int32

    /// Opens the folder `path`. `followsLink`: its path is the operator's own, and may be a link.
    /// - Throws: `SpoolError`.
    init(_ path: String, followsLink: Bool = false) throws(SpoolError) {
        self.path = path
        descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (followsLink ? 0 : O_NOFOLLOW))
        guard descriptor >= 0 else { throw SpoolError(openingFolder: path) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Names of the entries that `include` accepts, sorted, at most `limit` of the lowest: a folder may hold a million.
    /// - Throws: `SpoolError`.
    func names(
        limit: Int = .max, include: (String, EntryKind) -> Bool = { _, _ in true }
    ) throws(SpoolError) -> [String] {
        // A descriptor of its own: the stream closes it, and reads from the beginning.
        let again = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard again >= 0, let stream = fdopendir(again) else {
            let problem = SpoolError(doing: "list", path: path)
            if again >= 0 { close(again) }
            throw problem
        }
        defer { closedir(stream) }
        var names = LowestNames(limit: limit)
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name == "." || name == ".." || !include(name, EntryKind(entry.pointee.d_type)) { continue }
            names.add(name)
        }
        return names.sorted
    }

    /// What `name` is; a link is a link. Nil when it cannot be told.
    func status(of name: String) -> stat? {
        var information = stat()
        return fstatat(descriptor, name, &information, AT_SYMLINK_NOFOLLOW) == 0 ? information : nil
    }

    /// Opens a regular file for reading.
    /// - Throws: `SpoolError`; for anything but a regular file with `ELOOP`, `ENXIO` or `EINVAL`.
    func open(_ name: String) throws(SpoolError) -> Int32 {
        let opened = openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard opened >= 0 else { throw SpoolError(doing: "open", path: path(of: name)) }
        var information = stat()
        guard fstat(opened, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
            close(opened)
            throw SpoolError(doing: "open as a regular file", path: path(of: name), errno: EINVAL)
        }
        return opened
    }

    /// Writes a new file durably; one that is there is removed before. The file has `mode`, whatever the umask.
    /// - Throws: `SpoolError`.
    func write(_ name: String, _ bytes: [UInt8], mode: mode_t) throws(SpoolError) {
        unlinkat(descriptor, name, 0)
        let created = openat(descriptor, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
        guard created >= 0 else { throw SpoolError(doing: "create", path: path(of: name)) }
        defer { close(created) }
        guard fchmod(created, mode) == 0 else { throw SpoolError(doing: "chmod", path: path(of: name)) }
        try writeAll(bytes, to: created, path: path(of: name))
        guard fsync(created) == 0 else { throw SpoolError(doing: "fsync", path: path(of: name)) }
    }

    /// Renames `name` into another folder, durably there.
    /// - Throws: `SpoolError`.
    func move(_ name: String, to folder: OpenFolder, as newName: String) throws(SpoolError) {
        guard renameat(descriptor, name, folder.descriptor, newName) == 0 else {
            throw SpoolError(doing: "rename to", path: folder.path(of: newName))
        }
        try folder.sync()
    }

    /// Removes a file, or a link; one that is gone is no error.
    /// - Throws: `SpoolError`.
    func remove(_ name: String) throws(SpoolError) {
        guard unlinkat(descriptor, name, 0) == 0 || errno == ENOENT else {
            throw SpoolError(doing: "remove", path: path(of: name))
        }
    }

    /// Makes renames and removals in the folder durable.
    /// - Throws: `SpoolError`.
    func sync() throws(SpoolError) {
        guard fsync(descriptor) == 0 else { throw SpoolError(doing: "fsync", path: path) }
    }

    /// Gives the folder to the group, with the setgid bit. Where the unit's `RestrictSUIDSGID` forbids that
    /// (systemd.exec(5)), the parent's group must be its own already.
    /// - Throws: `SpoolError`.
    func share() throws(SpoolError) {
        var (information, parent) = (stat(), stat())
        guard fstat(descriptor, &information) == 0 else { throw SpoolError(doing: "look at", path: path) }
        if information.st_mode & S_ISGID != 0 || fchmod(descriptor, 0o2770) == 0 { return }
        let refusal = errno
        guard refusal == EPERM, fstatat(descriptor, "..", &parent, 0) == 0,
            parent.st_gid == information.st_gid
        else { throw SpoolError(doing: "chmod", path: path, errno: refusal) }
    }

    private func path(of name: String) -> String { path + "/" + name }
}
