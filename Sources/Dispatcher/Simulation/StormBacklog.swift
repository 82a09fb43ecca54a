// The outbox's side of the simulation: what waits for one plugin, handed out against credit in the same order as
// `OutboxWriter` does it, retries that are due and ready ones in turn, newest and oldest in turn. In memory and pure.

import DequeModule
import Model
import Outbox

/// What waits for one simulated plugin.
struct StormBacklog {
    /// A delivery, as far as it is simulated.
    struct Row {
        var acceptedAt: Timestamp
        var updatedAt: Timestamp
        var attempts = 0
        var triedFor = Span.milliseconds(0)
        /// When it was delivered; nil: not yet.
        var deliveredAt: Timestamp?
    }

    /// By sequence.
    private(set) var rows: [Row] = []
    /// How many are not delivered.
    private(set) var pending = 0
    /// Deliveries that were given up.
    private(set) var dead = 0
    private var ready: Deque<Int> = []
    /// First due first.
    private var waiting: [(due: Timestamp, sequence: Int)] = []
    private var credit = 0
    private var drain = ClaimOrder.oldest
    private var dueTurns = Turns()
    private var newestTurns = Turns()

    private static let number = PluginNumber(1)
    private static let body = Array(#"{"id": "0", "type": "on_created_file", "data": {}}"#.utf8)

    /// When a retry is due for which there is credit.
    var nextDue: Timestamp? { credit > 0 ? waiting.first?.due : nil }

    /// An event is accepted.
    mutating func accept(_ now: Timestamp) {
        ready.append(rows.count)
        rows.append(Row(acceptedAt: now, updatedAt: now))
        pending += 1
    }

    /// Deliveries that may be handed out.
    mutating func addCredit(_ count: Int, _ order: ClaimOrder) {
        credit += count
        drain = order
    }

    /// Hands out what there is credit for.
    mutating func handOut(_ now: Timestamp) -> [Claim] {
        guard credit > 0 else { return [] }
        var claims: [Claim] = []
        if hasDue(now) {
            takeDue(ready.isEmpty ? credit : dueTurns.share(of: credit), now, &claims)
        }
        if !ready.isEmpty {
            switch drain {
            case .oldest: break
            case .newest: take(credit, &claims) { $0.popLast() }
            case .fair: take(newestTurns.share(of: credit), &claims) { $0.popLast() }
            }
            if drain != .newest { take(credit, &claims) { $0.popFirst() } }
        }
        takeDue(credit, now, &claims)
        return claims
    }

    /// What came of an attempt.
    mutating func record(_ record: Record, _ now: Timestamp) {
        let sequence = Int(record.delivery.sequence)
        rows[sequence].attempts += 1
        rows[sequence].updatedAt = now
        rows[sequence].triedFor = rows[sequence].triedFor + record.triedFor
        switch record.change {
        case .retry(let due, _):
            let place = waiting.firstIndex { $0.due > due } ?? waiting.count
            waiting.insert((due, sequence), at: place)
        case .delivered:
            rows[sequence].deliveredAt = now
            pending -= 1
        case .dead, .held:
            dead += 1
            pending -= 1
        }
    }

    /// Retries that are due later are due now.
    mutating func pullIn(_ now: Timestamp) {
        for index in waiting.indices { waiting[index].due = min(waiting[index].due, now) }
    }

    private func hasDue(_ now: Timestamp) -> Bool { waiting.first.map { $0.due <= now } ?? false }

    private mutating func takeDue(_ limit: Int, _ now: Timestamp, _ claims: inout [Claim]) {
        var left = limit
        while left > 0, hasDue(now) {
            claims.append(claim(waiting.removeFirst().sequence))
            left -= 1
        }
    }

    private mutating func take(_ limit: Int, _ claims: inout [Claim], _ next: (inout Deque<Int>) -> Int?) {
        var left = limit
        while left > 0, let sequence = next(&ready) {
            claims.append(claim(sequence))
            left -= 1
        }
    }

    private mutating func claim(_ sequence: Int) -> Claim {
        credit -= 1
        let row = rows[sequence]
        return Claim(
            delivery: DeliveryID(sequence: Int64(sequence), plugin: Self.number), attempts: row.attempts,
            triedFor: row.triedFor, updatedAt: row.updatedAt, acceptedAt: row.acceptedAt, eventID: "0",
            eventType: "on_created_file", object: nil, body: Self.body, task: nil)
    }
}
