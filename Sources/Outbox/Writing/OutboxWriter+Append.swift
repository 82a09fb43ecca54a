// Appending: an event's row and one row for each plugin that wants it. An id that is there already is compared,
// byte for byte or by digest.

import Crypto
import Model

extension OutboxWriter {
    /// Adds a request's events to the transaction.
    func append(_ request: AppendRequest) throws(OutboxError) {
        if request.isJoint, request.arrivals.count > 0 {
            let conflicts = try conflicts(among: request.arrivals)
            guard conflicts.isEmpty else {
                transaction.answers.append(.append(request, .refused(conflicts: conflicts)))
                return
            }
        }
        try begin()
        var acceptances: [Acceptance] = []
        acceptances.reserveCapacity(request.arrivals.count)
        for arrival in request.arrivals { acceptances.append(try append(arrival)) }
        transaction.answers.append(.append(request, .stored(acceptances)))
    }

    /// Adds an event to the open transaction.
    func append(_ arrival: Arrival) throws(OutboxError) -> Acceptance {
        let sequence = lastSequence + transaction.sequences + 1
        guard try insert(arrival, sequence: sequence) else {
            guard let acceptance = try compare(arrival.event) else {
                throw .broken(
                    "event \(arrival.event.id) is in the index but not in the table: run an integrity check")
            }
            return acceptance
        }
        transaction.sequences += 1
        transaction.rows += 1 + arrival.plugins.count
        transaction.bytes += arrival.event.body.count
        for plugin in arrival.plugins {
            try insert(DeliveryID(sequence: sequence, plugin: plugin), of: arrival.event)
        }
        return .accepted(sequence: sequence)
    }

    /// Adds a new delivery of an event to the open transaction.
    func insert(_ delivery: DeliveryID, of event: Event) throws(OutboxError) {
        grow(to: delivery.plugin)
        let statement = try database.prepare(.insertDelivery)
        statement.bind(1, delivery.rawValue)
        statement.bind(2, delivery.plugin.rawValue)
        statement.bind(3, moment.milliseconds)
        // A plugin that is named twice gets it once.
        if try statement.run() > 0 { offer(event, delivery) }
    }

    /// Inserts the event unless its id is there.
    private func insert(_ arrival: Arrival, sequence: Int64) throws(OutboxError) -> Bool {
        let event = arrival.event
        let statement = try database.prepare(.insertEvent)
        statement.bind(1, sequence)
        statement.bind(2, event.id)
        statement.bind(3, event.type)
        statement.bind(4, moment.milliseconds)
        statement.bind(5, event.actor)
        statement.bind(6, event.object)
        statement.bind(7, arrival.content)
        if arrival.plugins.isEmpty {
            // Nobody wants it: its id is remembered, and by the digest what it was.
            statement.bind(8, digest(of: event.body))
            statement.bind(9, nil as [UInt8]?)
            return try statement.run() > 0
        }
        statement.bind(8, nil as [UInt8]?)
        return try event.body.withUnsafeBufferPointer { bytes throws(OutboxError) in
            statement.bind(9, bytes)
            return try statement.run() > 0
        }
    }

    /// Compares an event with what is stored under its id; nil: nothing is.
    private func compare(_ event: Event) throws(OutboxError) -> Acceptance? {
        let statement = try database.prepare(.findEvent)
        statement.bind(1, event.id)
        guard try statement.next() else { return nil }
        defer { statement.reset() }
        let isSame =
            statement.isNull(2)
            ? statement.bytes(1).elementsEqual(digest(of: event.body))
            : statement.bytes(2).elementsEqual(event.body)
        return isSame ? .duplicate : .conflict
    }

    /// Places of the arrivals whose id belongs to other bytes, stored or among themselves.
    private func conflicts(among arrivals: [Arrival]) throws(OutboxError) -> [Int] {
        var conflicts: [Int] = []
        var first: [String: Int] = [:]
        for (place, arrival) in arrivals.enumerated() {
            if let earlier = first.updateValue(place, forKey: arrival.event.id) {
                first[arrival.event.id] = earlier
                if arrivals[earlier].event.body != arrival.event.body { conflicts.append(place) }
                continue
            }
            if try compare(arrival.event) == .conflict { conflicts.append(place) }
        }
        return conflicts
    }

    /// Counts a new ready delivery and, if its queue waits for work and nothing is older, hands it out with the
    /// commit without reading it back.
    private func offer(_ event: Event, _ delivery: DeliveryID) {
        let plugin = delivery.plugin
        counters.add(1, plugin, .state(.ready))
        let index = Int(plugin.rawValue)
        let fits =
            transaction.freshBytes + event.body.count <= Outbox.maximumBytes || transaction.fresh.isEmpty
        guard queues[index].credit > 0, queues[index].order != .newest, fits, !unsaved.isStalled,
            counters[plugin, .unclaimedReady] == 0
        else {
            counters.add(1, plugin, .unclaimedReady)
            queues[index].becameReady(delivery.rawValue)
            markDirty(index)
            return
        }
        queues[index].credit -= 1
        transaction.freshBytes += event.body.count
        transaction.fresh.append(
            Claim(
                delivery: delivery, attempts: 0, triedFor: .milliseconds(0), updatedAt: moment,
                acceptedAt: moment, eventID: event.id, eventType: event.type, object: event.object,
                body: event.body, task: nil))
    }

    /// SHA-256 of an event's bytes.
    func digest(of body: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(data: body))
    }
}
