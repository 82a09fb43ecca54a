// The outbox's directory: made durably, on a file system that can be trusted, for its owner only.
// Failure: says which directory, why not, and what to do.

import Glibc

/// Where the outbox's files are.
struct OutboxDirectory {
    /// Its path.
    let path: String

    /// The database.
    var database: String { path + "/outbox.db" }

    /// Makes the directory with its missing parents (mode 0700, each entry synced) and checks its file system.
    static func make(_ path: String) throws(OutboxError) -> OutboxDirectory {
        try makeWithParents(path)
        let fileSystem = try FileSystem(of: path)
        guard !fileSystem.isNetwork else {
            throw .unusable(
                "\(path) is on a network file system (\(fileSystem.name)), which cannot be trusted with fsync and "
                    + "locks: set [webhooks] outbox to a directory on a local disk")
        }
        return OutboxDirectory(path: path)
    }

    /// Makes the database's file for its owner only, wherever the directory came from; SQLite gives its log and the
    /// log's index the same mode. To be called before the database is opened.
    func makeDatabase() throws(OutboxError) {
        let descriptor = open(database, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            close(descriptor)
        } else if errno != EEXIST {
            let number = errno
            let detail = "cannot make \(database): \(String(cString: strerror(number)))"
            throw number == ENOSPC || number == EDQUOT ? .full(detail) : .unusable(detail)
        }
    }

    /// Makes the names in the directory durable.
    static func sync(_ path: String) throws(OutboxError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .unusable("cannot open \(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw .broken("fsync of \(path): \(String(cString: strerror(errno)))")
        }
    }

    private static func makeWithParents(_ path: String) throws(OutboxError) {
        var status = stat()
        if stat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFDIR else { throw .unusable("\(path) is not a directory") }
            return
        }
        let parent = parent(of: path)
        if parent != path { try makeWithParents(parent) }
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            let number = errno
            let detail = "cannot make \(path): \(String(cString: strerror(number)))"
            throw number == ENOSPC || number == EDQUOT ? .full(detail) : .unusable(detail)
        }
        try sync(parent)
    }

    private static func parent(of path: String) -> String {
        var trimmed = Substring(path)
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
        guard let slash = trimmed.lastIndex(of: "/") else { return "." }
        return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
    }
}
