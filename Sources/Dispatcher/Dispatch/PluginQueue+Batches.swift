// A plugin's queue with `batch`: deliveries leave it several at a time. The window and the rate count requests, for it is
// requests that a receiver bears; each delivery keeps its own attempts and its own outcome.

import Model
import Outbox

extension PluginQueue {
    /// Deliveries leave in batches.
    var isBatching: Bool { configured?.plugin.batch.isOn == true }

    /// The rule of batching was changed: what waits is looked at anew, and without batches all goes alone.
    mutating func reform() {
        forming.removeAll()
        guard !isBatching else { return }
        for half in halves.reversed() { claimed.prepend(contentsOf: half) }
        claimedBytes += halves.reduce(0) { $0 + Self.bytes($1) }
        halves.removeAll()
    }

    /// The batches that may start at `now`, each counted as one request in flight. Halves of one that was refused go
    /// first, and wait for nothing.
    mutating func startBatches(_ now: Moment) -> [[Claim]] {
        while forming.count < claimed.count {
            forming.add(bytes: claimed[forming.count].body.count, now: now.steady)
        }
        guard isOpen, !claimed.isEmpty || !halves.isEmpty, notBefore.map({ $0 <= now.wall }) ?? true else {
            return []
        }
        var started: [[Claim]] = []
        while window.room(inFlight: inFlight, now: now.steady) > 0 {
            let count = halves.isEmpty ? nextCount(now) : 0
            guard let size = halves.first.map(Self.bytes) ?? bytes(ofFirst: count) else { break }
            guard inFlight == 0 || inFlightBytes + size <= PluginQueue.mostBytes else { break }
            if case .wait(let until)? = bucket?.take(at: now.steady) {
                bucketOpens = until
                break
            }
            bucketOpens = nil
            inFlight += 1
            inFlightBytes += size
            started.append(halves.isEmpty ? take(count) : halves.removeFirst())
        }
        return started
    }

    /// A batch was refused as a whole and is not in flight any more: its halves go next.
    mutating func retryInHalves(_ batch: [Claim]) {
        let middle = (batch.count + 1) / 2
        halves.prepend(contentsOf: [Array(batch[..<middle]), Array(batch[middle...])].filter { !$0.isEmpty })
    }

    /// The request for `batch` ended with `signal`; nil when it says nothing about the receiver.
    mutating func finished(_ batch: [Claim], _ signal: ConcurrencyWindow.Signal?, now: Moment, random: UInt64)
    {
        finished(bytes: Self.bytes(batch), signal, now: now, random: random)
    }

    /// When the next batch is formed without another delivery; nil when there is nothing to wait for.
    func batchForms(_ now: Moment) -> Timestamp? {
        guard let rule = configured?.plugin.batch, rule.isOn, forming.ready(by: rule, now: now.steady) == 0
        else {
            return nil
        }
        return forming.opens(by: rule)
    }

    /// How many of the claimed make the next batch; 0: none yet.
    private func nextCount(_ now: Moment) -> Int {
        guard let rule = configured?.plugin.batch else { return 0 }
        // A receiver that is probed may be dead: only one delivery pays for it.
        if suspendedUntil != nil { return min(1, claimed.count) }
        return forming.ready(by: rule, now: now.steady)
    }

    private func bytes(ofFirst count: Int) -> Int? {
        count > 0 ? Self.bytes(claimed.prefix(count)) : nil
    }

    private static func bytes(_ batch: some Sequence<Claim>) -> Int {
        batch.reduce(0) { $0 + $1.body.count }
    }

    /// The first `count`, oldest event first.
    private mutating func take(_ count: Int) -> [Claim] {
        let taken = Array(claimed.prefix(count))
        claimed.removeFirst(count)
        forming.remove(count)
        claimedBytes -= Self.bytes(taken)
        return taken.sorted { $0.delivery < $1.delivery }
    }
}
