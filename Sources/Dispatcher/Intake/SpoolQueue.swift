// Which spool files are to be taken in next, which are under way, and which are left alone for a while.
// Pure: names and times in, names out. Names sort by time, so the order of names is the order of events.

import DequeModule
import Model

/// The spool files that intake knows of.
struct SpoolQueue {
    /// Everything that was in the spool at this moment (wall clock) has been taken in or is left alone;
    /// nil: not known yet.
    private(set) var takenUntil: Timestamp?
    /// There may be more files on disk than this queue was told of.
    private(set) var mayBeMore = true

    private var waiting: Deque<String> = []
    /// Files that wait or are under way, with the number under which they were added.
    private var known: [String: Int] = [:]
    private var lastNumber = 0
    /// Files that cannot be read, and when they are looked at again (steady clock).
    private var leftAlone: [String: Timestamp] = [:]
    private var round: Round?

    /// What a complete listing found, until it is all taken in.
    private struct Round {
        let at: Timestamp
        let lastNumber: Int
        var left: Int
    }

    /// Most files that are kept in memory; the rest is found again by a later listing.
    let capacity: Int
    /// Files that cannot be read are remembered up to this number.
    private static let mostLeftAlone = 10_000

    /// A queue of at most `capacity` files.
    init(capacity: Int = 20_000) {
        self.capacity = capacity
    }

    /// Files that wait, those under way included.
    var count: Int { known.count }
    /// Nothing waits to be started.
    var isEmpty: Bool { waiting.isEmpty }
    /// How many more files fit.
    var room: Int { max(0, capacity - known.count) }

    /// Whether a listing need not name `name`: it is known, or left alone until later than `now` (steady clock).
    func skips(_ name: String, _ now: Timestamp) -> Bool {
        known[name] != nil || leftAlone[name].map { $0 > now } ?? false
    }

    /// Adds what a listing made at `now` found: the sorted names that `skips` does not skip. `isComplete`: there
    /// were no more.
    mutating func add(listing names: [String], isComplete: Bool, _ now: Moment) {
        mayBeMore = !isComplete
        leftAlone = leftAlone.filter { $0.value > now.steady }
        var ordered = true
        for name in names where known[name] == nil {
            if let last = waiting.last, last > name { ordered = false }
            append(name)
        }
        if !ordered { waiting.sort() }
        guard isComplete, round == nil else { return }
        round = Round(at: now.wall, lastNumber: lastNumber, left: known.count)
        endRound()
    }

    /// Adds a name that has just appeared.
    mutating func add(_ name: String) {
        guard known[name] == nil, leftAlone[name] == nil else { return }
        guard known.count < capacity else {
            mayBeMore = true
            return
        }
        append(name)
    }

    /// The next file to take in; nil when none waits.
    mutating func next() -> String? {
        waiting.popFirst()
    }

    /// A file was taken in, or is gone.
    mutating func finished(_ name: String) {
        guard let number = known.removeValue(forKey: name) else { return }
        if let last = round?.lastNumber, number <= last { round?.left -= 1 }
        endRound()
    }

    /// A file could not be taken in: it is the next one again.
    mutating func putBack(_ name: String) {
        guard known[name] != nil else { return }
        waiting.prepend(name)
        if waiting.count > 1, waiting[1] < name { waiting.sort() }
    }

    /// A file cannot be read: nobody waits for it, and it is looked at again at `moment` (steady clock).
    mutating func leaveAlone(_ name: String, until moment: Timestamp) {
        finished(name)
        if leftAlone.count < SpoolQueue.mostLeftAlone { leftAlone[name] = moment }
    }

    private mutating func append(_ name: String) {
        lastNumber += 1
        known[name] = lastNumber
        waiting.append(name)
    }

    private mutating func endRound() {
        guard let ended = round, ended.left == 0 else { return }
        takenUntil = ended.at
        round = nil
    }
}
