// Replay: events that are still kept are delivered again, to the same plugin or to another.

import Model

/// Delivers the events of a selection to one plugin.
struct ReplayJob: Job {
    private static let sliceSize = 250
    private let selection: EventSelection
    private let plugin: PluginNumber
    private let makesNewEvents: Bool
    private let completion: @Sendable (Result<ReplayResult, OutboxError>) -> Void
    private var result = ReplayResult()
    private var refusal: OutboxError?
    private var position: Int64 = 0
    /// Events after this one came while we were at it, perhaps from ourselves.
    private var last: Int64?

    init(
        _ selection: EventSelection, to plugin: PluginNumber, newID: Bool,
        completion: @escaping @Sendable (Result<ReplayResult, OutboxError>) -> Void
    ) {
        self.selection = selection
        self.plugin = plugin
        makesNewEvents = newID
        self.completion = completion
    }

    mutating func slice(_ writer: OutboxWriter) throws(OutboxError) -> Bool {
        guard plugin != .mwdb, writer.index(of: plugin) != nil else {
            refusal = .unusable("events can only be replayed to a plugin that is registered")
            return true
        }
        switch selection {
        case .ids(let ids): return try slice(ids, writer)
        case .matching(let filter): return try slice(filter, writer)
        }
    }

    func complete(_ error: OutboxError?) {
        completion((error ?? refusal).map { .failure($0) } ?? .success(result))
    }

    private mutating func slice(_ ids: [String], _ writer: OutboxWriter) throws(OutboxError) -> Bool {
        let end = min(Int(position) + Self.sliceSize, ids.count)
        for id in ids[Int(position)..<end] {
            let statement = try writer.database.prepare(.findEvent)
            statement.bind(1, id)
            let sequence = try statement.next() ? statement.integer(0) : nil
            statement.reset()
            if let sequence { try replay(sequence, writer) } else { result.skipped += 1 }
        }
        position = Int64(end)
        return end == ids.count
    }

    private mutating func slice(_ filter: EventFilter, _ writer: OutboxWriter) throws(OutboxError) -> Bool {
        let last = self.last ?? writer.lastSequence
        self.last = last
        let statement = try writer.database.prepare(.eventsAfter)
        statement.bind(1, position)
        statement.bind(2, last)
        statement.bind(3, Int64(Self.sliceSize))
        var matching: [Int64] = []
        var examined = 0
        while try statement.next() {
            examined += 1
            position = statement.integer(0)
            if filter.matches(statement, from: 1) { matching.append(position) }
        }
        for sequence in matching { try replay(sequence, writer) }
        return examined < Self.sliceSize
    }

    private mutating func replay(_ sequence: Int64, _ writer: OutboxWriter) throws(OutboxError) {
        let isReplayed =
            makesNewEvents
            ? try writer.copy(sequence, to: plugin) : try writer.deliver(sequence, again: plugin)
        if isReplayed { result.replayed += 1 } else { result.skipped += 1 }
    }
}

extension OutboxWriter {
    /// - Returns: False when the event's bytes are gone or its delivery is pending anyway.
    func deliver(_ sequence: Int64, again plugin: PluginNumber) throws(OutboxError) -> Bool {
        guard let event = try event(sequence) else { return false }
        let delivery = DeliveryID(sequence: sequence, plugin: plugin)
        try begin()
        switch try state(of: delivery) {
        case nil:
            try insert(delivery, of: event.event)
            // Its place may be before what stands in line already.
            if let line = try line(of: delivery) { try settle(plugin, line) }
            return true
        case .ready, .waiting, .started, .blocked: return false
        case .held?, .dead?, .delivered?, .cancelled?:
            guard let state = try state(of: delivery) else { return false }
            return try retry(delivery, in: state)
        }
    }

    /// Stores the event once more under a new id.
    /// - Returns: False when the event's bytes are gone.
    func copy(_ sequence: Int64, to plugin: PluginNumber) throws(OutboxError) -> Bool {
        guard let found = try event(sequence) else { return false }
        var event = found.event
        event.id = EventID.make(
            now: moment, random: (UInt64.random(in: 0...UInt64.max), UInt64.random(in: 0...UInt64.max)))
        guard let place = Event.placeOfID(in: event.body) else { return false }
        event.body.replaceSubrange(place, with: event.id.utf8)
        try begin()
        _ = try append(Arrival(event: event, plugins: [plugin], content: found.content))
        return true
    }

    /// The event with its content's hash; nil when its bytes are gone.
    private func event(_ sequence: Int64) throws(OutboxError) -> (event: Event, content: String?)? {
        let row = try database.prepare(.wholeEvent)
        row.bind(1, sequence)
        guard try row.next() else { return nil }
        defer { row.reset() }
        guard let body = row.optionalBytes(5) else { return nil }
        let event = Event(
            id: row.text(0), type: row.text(1), actor: row.optionalText(2), object: row.optionalText(3),
            body: body)
        return (event, row.optionalText(4))
    }
}
