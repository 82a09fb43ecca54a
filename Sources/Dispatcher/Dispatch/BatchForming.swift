// When deliveries that wait become a batch: as soon as there are enough of them, or enough bytes, or the first of them
// has waited long enough. Pure: time is a parameter.

import DequeModule
import Model

/// The forming of one plugin's batches. It knows only how many wait, how large they are, and since when.
struct BatchForming {
    /// Since when each waits, on the steady clock, and its size; the first has waited longest.
    private var waiting: Deque<(since: Timestamp, bytes: Int)> = []

    /// Nothing waits.
    init() {}

    /// How many wait.
    var count: Int { waiting.count }

    /// One more waits since `now`.
    mutating func add(bytes: Int, now: Timestamp) {
        waiting.append((now, bytes))
    }

    /// How many, from the first on, are a batch at `now`; 0: they wait for more.
    func ready(by rule: Batching, now: Timestamp) -> Int {
        guard let first = waiting.first else { return 0 }
        let fitting = self.fitting(rule)
        // One that does not fit any more is as good as the last.
        let isFull = fitting == rule.count || fitting < waiting.count
        return isFull || now - first.since >= rule.wait ? fitting : 0
    }

    /// When the first will have waited long enough; nil when none waits.
    func opens(by rule: Batching) -> Timestamp? {
        waiting.first.map { $0.since + rule.wait }
    }

    /// The first `count` are taken.
    mutating func remove(_ count: Int) {
        waiting.removeFirst(min(count, waiting.count))
    }

    /// All are taken back.
    mutating func removeAll() {
        waiting.removeAll()
    }

    /// How many of the first fit together; one alone always does.
    private func fitting(_ rule: Batching) -> Int {
        var (count, bytes) = (0, 0)
        for next in waiting.prefix(rule.count) {
            bytes += next.bytes
            guard count == 0 || bytes <= rule.bytes else { break }
            count += 1
        }
        return count
    }
}
