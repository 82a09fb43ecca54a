// Which spool files are to be taken in next, which are under way, and when a failed one is tried again.
// Pure: names and times in, names out.

import Model

/// The spool files that intake knows of.
struct SpoolQueue {
    private var waiting: [String] = []
    private var head = 0
    private var known: Set<String> = []
    private var retries: [(name: String, at: Timestamp)] = []
    /// There may be more files on disk than this queue was told of.
    private(set) var mayBeMore = true

    /// Most files that are kept in memory; the rest is found again by the next listing.
    static let capacity = 20_000

    /// Files that wait, those under way and to be tried again included.
    var count: Int { known.count }
    /// Nothing waits to be started.
    var isEmpty: Bool { head == waiting.count }

    /// Adds the sorted names of a listing that had at most `capacity` of them.
    mutating func add(listing names: [String]) {
        mayBeMore = names.count >= SpoolQueue.capacity
        let fresh = names.filter { known.insert($0).inserted }
        guard !fresh.isEmpty else { return }
        let ordered = head == waiting.count || (waiting.last ?? "") < fresh[0]
        waiting = Array(waiting[head...]) + fresh
        head = 0
        if !ordered { waiting.sort() }
    }

    /// Adds a name that has just appeared.
    mutating func add(_ name: String) {
        guard known.count < SpoolQueue.capacity else {
            mayBeMore = true
            return
        }
        if known.insert(name).inserted { waiting.append(name) }
    }

    /// The next file to take in; nil when none can be started at `now`.
    mutating func next(_ now: Timestamp) -> String? {
        if let index = retries.firstIndex(where: { $0.at <= now }) {
            return retries.remove(at: index).name
        }
        guard head < waiting.count else { return nil }
        defer { head += 1 }
        return waiting[head]
    }

    /// A file was taken in, or is gone.
    mutating func finished(_ name: String) {
        known.remove(name)
    }

    /// A file could not be taken in; it is tried again at `moment`.
    mutating func failed(_ name: String, until moment: Timestamp) {
        retries.append((name, moment))
    }

    /// When the next retry is due.
    var nextRetry: Timestamp? { retries.map(\.at).min() }
}
