// Lists folders that may hold a million entries, in bounded memory.
// Failure: a folder that cannot be read is thrown with errno's words.

import Glibc

/// Whether an entry is a regular file, as far as the folder itself says (readdir(3), d_type).
enum EntryKind: Sendable {
    case regular, other, unknown
}

/// Names of the entries of `folder`, which is no link, that `include` accepts, sorted.
/// - Throws: `SpoolError`.
func folderNames(
    _ folder: String, limit: Int = .max, include: (String) -> Bool = { _ in true }
) throws(SpoolError) -> [String] {
    try OpenFolder(folder).names(limit: limit) { name, _ in include(name) }
}

/// The lowest of many names, in bounded memory.
struct LowestNames {
    private let limit: Int
    private var names: [String] = []
    private var highest: String?

    /// At most `limit` names.
    init(limit: Int) {
        self.limit = limit
    }

    /// Adds a name.
    mutating func add(_ name: String) {
        if let highest, name >= highest { return }
        names.append(name)
        guard limit < .max / 2, limit > 0, names.count >= 2 * limit else { return }
        names.sort()
        names.removeLast(names.count - limit)
        highest = names.last
    }

    /// The lowest of them, sorted.
    var sorted: [String] { Array(names.sorted().prefix(limit)) }
}

extension EntryKind {
    /// The kind that readdir(3) gave.
    init(_ type: UInt8) {
        switch Int32(type) {
        case Int32(DT_REG): self = .regular
        case Int32(DT_UNKNOWN): self = .unknown
        default: self = .other
        }
    }
}
