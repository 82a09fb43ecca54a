// Where samples lie: the spool's `content/`, filled by MWDB's event source, and the outbox's `content/`, filled
// by fetching from MWDB. Fetched copies are preferred: they are ours and nobody rewrites them.
// Failure: a copy that cannot be kept is a reason in words, and the attempt is tried again.

import Glibc
import Model

/// The samples on disk.
struct SampleStore: Sendable {
    /// The spool.
    let spool: SpoolFolder
    /// Folder of fetched copies.
    let fetched: String
    /// Free bytes that fetched copies must leave on their disk.
    let reserve: @Sendable () -> Int64

    /// Makes the folder of fetched copies and removes unfinished ones of an earlier run.
    /// - Throws: `SpoolError`.
    func prepare() throws(SpoolError) {
        if mkdir(fetched, 0o700) != 0 && errno != EEXIST {
            throw SpoolError(doing: "make folder", path: fetched)
        }
        let folder = try OpenFolder(fetched, followsLink: true)
        for name in try folder.names(include: { name, _ in !isSHA256(name) }) { try? folder.remove(name) }
    }

    /// Path of a sample on disk, of the size that the event says; nil: it must be fetched.
    func path(of file: FileReference) -> String? {
        guard isSHA256(file.sha256) else { return nil }
        for folder in [fetched, spool.content] where folder == fetched || isFolder(folder) {
            let path = folder + "/" + file.sha256
            if let found = status(of: path), file.size.map({ $0 == Int64(found.st_size) }) ?? true {
                return path
            }
        }
        return nil
    }

    /// The spool's copy is there, and was written to within the last minute.
    func isBeingWritten(_ file: FileReference, now: Timestamp) -> Bool {
        guard isSHA256(file.sha256), let found = status(of: spool.content + "/" + file.sha256) else {
            return false
        }
        return now - Timestamp(found.st_mtim) < .minutes(1)
    }

    /// Why `file` must not be fetched now; nil: there is room.
    func problem(keeping file: FileReference) -> String? {
        guard let free = freeSpace(fetched), free - (file.size ?? 0) < reserve() else { return nil }
        return "no room to fetch the sample: \(free) bytes are free on \(fetched), min_free_space stays free"
    }

    /// Where a fetch writes to.
    func temporaryPath(of file: FileReference, token: UInt64) -> String {
        "\(fetched)/\(file.sha256).\(token)"
    }

    /// Makes a finished fetch the sample; what went wrong in words, or nil.
    func keep(_ temporary: String, as file: FileReference) -> String? {
        let path = fetched + "/" + file.sha256
        guard rename(temporary, path) != 0 else { return nil }
        let problem = SpoolError(doing: "rename to", path: path)
        unlink(temporary)
        return "\(problem)"
    }

    /// It is no link: whoever may write to the spool can put one there.
    private func isFolder(_ path: String) -> Bool {
        var information = stat()
        return lstat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
    }

    private func status(of path: String) -> stat? {
        var information = stat()
        guard lstat(path, &information) == 0, information.st_mode & S_IFMT == S_IFREG else { return nil }
        return information
    }
}
