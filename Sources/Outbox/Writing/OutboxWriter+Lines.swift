// Standing in line: where a plugin has an `order`, its deliveries for one object (or all of them) form a line, and
// only one of a line is ready, waiting or being tried; those behind it are blocked. When its outcome is stored, the
// next becomes ready in the same transaction: what is delivered is known to be before the next is sent, whatever
// crashes. Lines live in the table and its index `delivery_line`: no memory grows with them, and nothing is read at
// start.
//
// The first of a line is the one with the lowest number. A delivery that comes late (retried or replayed by hand) goes
// before those that wait; only what is being tried already is let finish first.

import Crypto
import Model

extension OutboxWriter {
    /// The line in which a delivery about `object` stands in `queue`; nil: in none.
    ///
    /// Two objects whose hashes begin alike share a line, which costs them time only.
    func line(in queue: PluginNumber, object: String?) -> Int64? {
        switch queues[Int(queue.rawValue)].order {
        case .none: return nil
        case .strict: return 0
        case .object:
            guard let object else { return nil }
            return SHA256.hash(data: Array(object.utf8)).prefix(8).reduce(0) { $0 << 8 | Int64($1) }
        }
    }

    /// The line in which a row stands; nil: in none.
    func line(of delivery: DeliveryID) throws(OutboxError) -> Int64? {
        guard let index = index(of: delivery.queue), queues[index].order != .none else { return nil }
        let statement = try database.prepare(.lineOf)
        statement.bind(1, delivery.rawValue)
        guard try statement.next() else { return nil }
        defer { statement.reset() }
        return statement.optionalInteger(0)
    }

    /// The line in which a row would stand by its event and its queue's order.
    func lineOfEvent(_ delivery: DeliveryID) throws(OutboxError) -> Int64? {
        guard let index = index(of: delivery.queue), queues[index].order != .none else { return nil }
        let statement = try database.prepare(.eventFacts)
        statement.bind(1, delivery.sequence)
        guard try statement.next() else { return nil }
        defer { statement.reset() }
        return line(in: delivery.queue, object: statement.optionalText(1))
    }

    /// Whether anything stands in the line.
    func isOccupied(_ queue: PluginNumber, _ line: Int64) throws(OutboxError) -> Bool {
        let statement = try database.prepare(.isOccupied)
        statement.bind(1, queue.rawValue)
        statement.bind(2, line)
        defer { statement.reset() }
        return try statement.next()
    }

    /// Deliveries of the queue are blocked and none is ready: what comes next waits for outcomes to be stored.
    func isHeldUp(_ queue: PluginNumber) -> Bool {
        guard let index = index(of: queue), queues[index].order != .none else { return false }
        return counters[queue, .state(.blocked)] > 0 && counters[queue, .unclaimedReady] == 0
    }

    /// Ends a claim with the transaction.
    func end(_ delivery: DeliveryID) {
        guard claims[delivery] != nil else { return }
        claims[delivery]?.isEnding = true
        transaction.released.append(delivery)
    }

    /// Makes the first of a line the one that is tried, unless another is being tried at this moment. Part of every
    /// change of who stands in it.
    func settle(_ queue: PluginNumber, _ line: Int64) throws(OutboxError) {
        let index = Int(queue.rawValue)
        guard counters[queue, .state(.blocked)] > 0 || queues[index].hasOvertaking else { return }
        let decision = try Line(active: active(queue, line), next: next(queue, line)).decision
        if decision.isOvertaken { queues[index].hasOvertaking = true }
        for place in decision.blocked {
            guard try change(place.delivery, from: place.state, to: .blocked) else { continue }
            count(place.delivery, from: place.state, to: .blocked, wasClaimed: false, isClaimed: false)
        }
        guard let next = decision.opened else { return }
        guard try change(next, from: .blocked, to: .ready, updatedAt: moment) else { return }
        count(next, from: .blocked, to: .ready, wasClaimed: false, isClaimed: false)
    }

    private func active(_ queue: PluginNumber, _ line: Int64) throws(OutboxError) -> [Line.Place] {
        let statement = try database.prepare(.activeInLine)
        statement.bind(1, queue.rawValue)
        statement.bind(2, line)
        var places: [Line.Place] = []
        while try statement.next() {
            let delivery = DeliveryID(rawValue: statement.integer(0))
            guard let state = DeliveryState(rawValue: statement.integer(1)) else { continue }
            let isTried = claims[delivery].map { !$0.isEnding } ?? false
            places.append(Line.Place(delivery: delivery, state: state, isTried: isTried))
        }
        return places
    }

    private func next(_ queue: PluginNumber, _ line: Int64) throws(OutboxError) -> DeliveryID? {
        let statement = try database.prepare(.nextInLine)
        statement.bind(1, queue.rawValue)
        statement.bind(2, line)
        guard try statement.next() else { return nil }
        defer { statement.reset() }
        return DeliveryID(rawValue: statement.integer(0))
    }

    /// Gives a queue another order. Until `LineUpJob` has put its deliveries in line nothing of it is handed out.
    func setOrder(
        _ queue: PluginNumber, _ order: DeliveryOrder
    ) throws(OutboxError) -> Result<Void, OutboxError> {
        let result = try update(queue, by: .setOrder) { $0.bind(2, order.rawValue) }
        guard case .success = result else { return result }
        let index = Int(queue.rawValue)
        queues[index].order = order
        queues[index].isLiningUp = true
        queues[index].lineUps += 1
        return result
    }
}
