// Appending: an event's row and one row for each plugin that wants it. An id that is there already is compared,
// byte for byte or by digest.

import Crypto
import Model

extension OutboxWriter {
    /// Adds a request's events to the transaction: first all events, then, if they may stay, their deliveries.
    func append(_ request: AppendRequest) throws(OutboxError) {
        try begin()
        let first = lastSequence + transaction.sequences + 1
        var acceptances: [Acceptance] = []
        acceptances.reserveCapacity(request.arrivals.count)
        var sequence = first
        for arrival in request.arrivals {
            let acceptance = try insertOrCompare(arrival, sequence: sequence)
            if case .accepted = acceptance { sequence += 1 }
            acceptances.append(acceptance)
        }
        if request.isJoint, acceptances.contains(.conflict) {
            for added in first..<sequence { try deleteEvent(added) }
            let places = acceptances.indices.filter { acceptances[$0] == .conflict }
            transaction.answers.append(.append(request, .refused(conflicts: places)))
            return
        }
        for (arrival, acceptance) in zip(request.arrivals, acceptances) {
            guard case .accepted(let sequence) = acceptance else { continue }
            try insertDeliveries(of: arrival, sequence: sequence)
        }
        transaction.answers.append(.append(request, .stored(acceptances)))
    }

    /// Takes an event out again that this transaction has added, and no delivery of it.
    private func deleteEvent(_ sequence: Int64) throws(OutboxError) {
        let statement = try database.prepare(.deleteEvent)
        statement.bind(1, sequence)
        try statement.run()
    }

    /// Adds an event to the open transaction.
    func append(_ arrival: Arrival) throws(OutboxError) -> Acceptance {
        let acceptance = try insertOrCompare(arrival, sequence: lastSequence + transaction.sequences + 1)
        guard case .accepted(let sequence) = acceptance else { return acceptance }
        try insertDeliveries(of: arrival, sequence: sequence)
        return acceptance
    }

    private func insertOrCompare(
        _ arrival: Arrival, sequence: Int64
    ) throws(OutboxError) -> Acceptance {
        if try insert(arrival, sequence: sequence) { return .accepted(sequence: sequence) }
        guard let acceptance = try compare(arrival.event) else {
            throw .broken(
                "event \(arrival.event.id) is in the index but not in the table: run an integrity check")
        }
        return acceptance
    }

    /// Counts an event that was added as `sequence`, the next one, and adds its deliveries.
    private func insertDeliveries(of arrival: Arrival, sequence: Int64) throws(OutboxError) {
        transaction.sequences += 1
        transaction.rows += 1 + arrival.plugins.count
        transaction.bytes += arrival.event.body.count
        for plugin in arrival.plugins {
            try insert(DeliveryID(sequence: sequence, plugin: plugin), of: arrival.event)
        }
    }

    /// Adds a new delivery of an event to the open transaction.
    func insert(_ delivery: DeliveryID, of event: Event) throws(OutboxError) {
        grow(to: delivery.plugin)
        let line = line(in: delivery.plugin, object: event.object)
        let isBlocked =
            try line.map { line throws(OutboxError) in try isOccupied(delivery.plugin, line) } ?? false
        let state = isBlocked ? DeliveryState.blocked : .ready
        let statement = try database.prepare(.insertDelivery)
        statement.bind(1, delivery.rawValue)
        statement.bind(2, delivery.plugin.rawValue)
        statement.bind(3, moment.milliseconds)
        statement.bind(4, state.rawValue)
        statement.bind(5, line)
        // A plugin that is named twice gets it once.
        guard try statement.run() > 0 else { return }
        if isBlocked {
            counters.add(1, delivery.plugin, .state(.blocked))
        } else {
            offer(event, delivery, line)
        }
    }

    /// Inserts the event unless its id is there.
    private func insert(_ arrival: Arrival, sequence: Int64) throws(OutboxError) -> Bool {
        let event = arrival.event
        let statement = try database.prepare(.insertEvent)
        statement.bind(1, sequence)
        statement.bind(2, event.id)
        statement.bind(3, event.type)
        statement.bind(4, moment.milliseconds)
        statement.bind(5, event.actor.map(Self.shortened))
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

    /// Counts a new ready delivery and, if its queue waits for work and nothing is older, hands it out with the
    /// commit without reading it back.
    private func offer(_ event: Event, _ delivery: DeliveryID, _ line: Int64?) {
        let plugin = delivery.plugin
        counters.add(1, plugin, .state(.ready))
        let index = Int(plugin.rawValue)
        let fits =
            transaction.freshBytes + event.body.count <= Outbox.maximumBytes || transaction.fresh.isEmpty
        guard queues[index].credit > 0, queues[index].drain != .newest, fits, !unsaved.isStalled,
            !queues[index].isLiningUp,
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
        transaction.freshLines.append(line)
    }

    /// Lists repeat an event's actor in each row, so its column has 256 bytes of whole characters at most; the event
    /// keeps all of it. MWDB's logins have at most 32.
    private static func shortened(_ actor: String) -> String {
        guard actor.utf8.count > 256 else { return actor }
        var length = 0
        return String(
            actor.prefix { character in
                length += character.utf8.count
                return length <= 256
            })
    }

    /// SHA-256 of an event's bytes.
    func digest(of body: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(data: body))
    }
}
