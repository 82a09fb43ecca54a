// Where a walk through MWDB's list is. Pure. MWDB pages by "older than this object", by upload time and number, and
// leaves out what has a lower time but a higher number, as uploads at the same moment may. So each page begins a few
// objects before the last one was left, and what was seen is passed over. That also helps when an object goes while
// we are at it: there are others to begin behind.

import Model

/// The latest objects of a walk, oldest last.
struct BackfillCursor: Sendable, Equatable {
    /// So many objects a page overlaps the one before.
    private static let overlap = 10

    /// Ids of the latest objects, in the order of the list.
    private(set) var trail: [String]

    /// A walk from the beginning.
    init() { trail = [] }

    /// A walk that goes on from what `description` wrote.
    init(_ text: String) { trail = text.split(separator: " ").map(String.init) }

    /// As text.
    var description: String { trail.joined(separator: " ") }

    /// The object behind which the next page begins; nil: at the newest.
    var pivot: String? { trail.first }

    /// Those of a page that were not seen yet.
    func fresh(_ page: [String]) -> [String] {
        let seen = Set(trail)
        return page.filter { !seen.contains($0) }
    }

    /// These were looked at.
    mutating func advance(over ids: some Sequence<String>) {
        trail = Array((trail + ids).suffix(Self.overlap + 1))
    }

    /// MWDB does not have the pivot any more: begin behind the next one; from the newest when there is none.
    mutating func losePivot() {
        if !trail.isEmpty { trail.removeFirst() }
    }
}
