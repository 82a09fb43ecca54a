// Lists folders that may hold a million entries, in bounded memory.
// Failure: a folder that cannot be read is thrown with errno's words.

import Glibc

/// Whether an entry is a regular file, as far as the folder itself says (readdir(3), d_type).
enum EntryKind: Sendable {
    case regular, other, unknown
}

/// Names of the entries of `folder` that `include` accepts, sorted, at most `limit` of the lowest.
/// - Throws: `SpoolError`.
func folderNames(
    _ folder: String, limit: Int = .max, include: (String) -> Bool = { _ in true }
) throws(SpoolError) -> [String] {
    try folderEntries(folder, limit: limit) { name, _ in include(name) }
}

/// The same, where `include` is told what kind of entry it is.
/// - Throws: `SpoolError`.
func folderEntries(
    _ folder: String, limit: Int = .max, include: (String, EntryKind) -> Bool
) throws(SpoolError) -> [String] {
    guard let stream = opendir(folder) else { throw SpoolError(doing: "list", path: folder) }
    defer { closedir(stream) }
    var names: [String] = []
    var highest: String?
    while let entry = readdir(stream) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
            pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name == "." || name == ".." || !include(name, EntryKind(entry.pointee.d_type)) { continue }
        if let highest, name >= highest { continue }
        names.append(name)
        // However many entries there are, only the lowest names are kept.
        if limit < .max / 2, limit > 0, names.count >= 2 * limit {
            names.sort()
            names.removeLast(names.count - limit)
            highest = names.last
        }
    }
    names.sort()
    return Array(names.prefix(limit))
}

extension EntryKind {
    /// The kind that readdir(3) gave.
    fileprivate init(_ type: UInt8) {
        switch Int32(type) {
        case Int32(DT_REG): self = .regular
        case Int32(DT_UNKNOWN): self = .unknown
        default: self = .other
        }
    }
}
