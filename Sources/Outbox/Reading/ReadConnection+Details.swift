// One event or delivery with everything that is known of it.

import Model

extension ReadConnection {
    /// So many deliveries of one event are listed with it.
    static let siblingLimit: Int64 = 1_000

    /// The event `id` with its deliveries; nil when it is not there.
    func event(_ id: String) throws(OutboxError) -> EventDetail? {
        guard let sequence = try sequence(of: id), let (summary, body) = try event(sequence) else {
            return nil
        }
        return EventDetail(summary: summary, body: body, deliveries: try deliveries(of: sequence))
    }

    /// The delivery with its event, attempts and siblings; nil when it is not there.
    func delivery(_ delivery: DeliveryID) throws(OutboxError) -> DeliveryDetail? {
        guard let summary = try summary(delivery), let (event, body) = try event(delivery.sequence) else {
            return nil
        }
        let row = try database.prepare(.task)
        row.bind(1, delivery.rawValue)
        guard try row.next() else { return nil }
        let extracted = row.optionalBytes(0)
        let task = row.optionalBytes(1)
        row.reset()
        return DeliveryDetail(
            summary: summary, event: event, body: body, extracted: extracted, task: task,
            attempts: try attempts(of: delivery),
            siblings: try deliveries(of: delivery.sequence).filter { $0.delivery != delivery })
    }

    /// The delivery called `name`; nil when it is not there.
    func find(_ name: DeliveryName) throws(OutboxError) -> DeliveryID? {
        let row = try database.prepare(.pluginNumber)
        row.bind(1, name.plugin)
        guard try row.next() else { return nil }
        let plugin = PluginNumber(row.integer(0))
        row.reset()
        guard let sequence = try sequence(of: name.eventID) else { return nil }
        let delivery = DeliveryID(sequence: sequence, step: name.step, plugin: plugin)
        return try summary(delivery) == nil ? nil : delivery
    }

    /// How many of these deliveries are in one of `states`.
    func count(_ deliveries: [DeliveryID], in states: Set<DeliveryState>) throws(OutboxError) -> Int64 {
        var count: Int64 = 0
        for delivery in Set(deliveries) {
            if let state = try summary(delivery)?.state, states.contains(state) { count += 1 }
        }
        return count
    }

    /// How many of these events `ReplayJob` would deliver to `plugin`.
    func countReplayable(
        _ ids: [String], to plugin: PluginNumber, newID: Bool
    ) throws(OutboxError) -> Int64 {
        // The first replay of an event is pending when its id comes again; copies are events of their own.
        let wanted = newID ? ids : Array(Set(ids))
        var count: Int64 = 0
        for id in wanted {
            guard let sequence = try sequence(of: id), try isKept(sequence) else { continue }
            let delivery = DeliveryID(sequence: sequence, plugin: plugin)
            let isBusy = newID ? false : try isPending(delivery)
            if !isBusy { count += 1 }
        }
        return count
    }

    private func isPending(_ delivery: DeliveryID) throws(OutboxError) -> Bool {
        switch try summary(delivery)?.state {
        case .ready?, .waiting?, .started?, .blocked?: true
        case .held?, .dead?, .delivered?, .cancelled?, nil: false
        }
    }

    private func isKept(_ sequence: Int64) throws(OutboxError) -> Bool {
        let row = try database.prepare(.event)
        row.bind(1, sequence)
        guard try row.next() else { return false }
        defer { row.reset() }
        return EventSummary(row).isKept
    }

    private func sequence(of id: String) throws(OutboxError) -> Int64? {
        let row = try database.prepare(.findEvent)
        row.bind(1, id)
        guard try row.next() else { return nil }
        defer { row.reset() }
        return row.integer(0)
    }

    private func event(_ sequence: Int64) throws(OutboxError) -> (summary: EventSummary, body: [UInt8]?)? {
        let row = try database.prepare(.event)
        row.bind(1, sequence)
        guard try row.next() else { return nil }
        defer { row.reset() }
        return (EventSummary(row), row.optionalBytes(8))
    }

    private func deliveries(of sequence: Int64) throws(OutboxError) -> [DeliverySummary] {
        let statement = try database.prepare(.deliveryIDs)
        statement.bind(1, DeliveryID.first(of: sequence).rawValue)
        statement.bind(2, DeliveryID.first(of: sequence + 1).rawValue)
        statement.bind(3, Self.siblingLimit)
        var ids: [DeliveryID] = []
        while try statement.next() { ids.append(DeliveryID(rawValue: statement.integer(0))) }
        var deliveries: [DeliverySummary] = []
        for id in ids {
            if let summary = try summary(id) { deliveries.append(summary) }
        }
        return deliveries
    }

    private func attempts(of delivery: DeliveryID) throws(OutboxError) -> [Attempt] {
        let row = try database.prepare(.attempts)
        row.bind(1, delivery.rawValue)
        var attempts: [Attempt] = []
        while try row.next() { attempts.append(Attempt(row)) }
        return attempts
    }
}

extension Attempt {
    /// Reads a row of `attempt` from its number on.
    fileprivate init(_ row: Statement) {
        var timings = Timings()
        timings.resolved = row.integer(3)
        timings.connected = row.integer(4)
        timings.secured = row.integer(5)
        timings.firstByte = row.integer(6)
        timings.total = row.integer(7)
        self.init(
            number: Int(row.integer(0)), startedAt: Timestamp(milliseconds: row.integer(1)),
            endedAt: Timestamp(milliseconds: row.integer(2)), timings: timings,
            status: row.optionalInteger(8).map { Int($0) }, failure: row.optionalText(9),
            message: row.text(10),
            answerHeaders: row.text(12), answerBody: row.optionalBytes(13) ?? [],
            remoteAddress: row.optionalText(11))
    }
}
