// Retry, cancel and hold: what an operator does to many deliveries at once.

import Model

/// Changes the state of the deliveries of a selection.
struct SelectionJob: Job {
    /// What is done.
    enum Action: Sendable {
        case retry
        case cancel
        case hold(reason: String)

        /// The states it applies to.
        var states: [DeliveryState] {
            switch self {
            case .retry: [.waiting, .held, .dead, .cancelled]
            case .cancel: [.ready, .waiting, .started, .blocked, .held, .dead]
            case .hold: [.ready, .waiting, .blocked]
            }
        }
    }

    private static let sliceSize = 1_000
    private let action: Action
    private let selection: DeliverySelection
    private let completion: @Sendable (Result<Int, OutboxError>) -> Void
    private var done = 0
    private var position = 0
    private var walk: DeliveryWalk?

    init(
        _ action: Action, _ selection: DeliverySelection,
        completion: @escaping @Sendable (Result<Int, OutboxError>) -> Void
    ) {
        self.action = action
        self.selection = selection
        self.completion = completion
    }

    mutating func slice(_ writer: OutboxWriter) throws(OutboxError) -> Bool {
        switch selection {
        case .ids(let deliveries): try slice(deliveries, writer)
        case .matching(let filter): try slice(filter, writer)
        }
    }

    func complete(_ error: OutboxError?) {
        completion(error.map { .failure($0) } ?? .success(done))
    }

    private mutating func slice(
        _ deliveries: [DeliveryID], _ writer: OutboxWriter
    ) throws(OutboxError) -> Bool {
        let end = min(position + Self.sliceSize, deliveries.count)
        for delivery in deliveries[position..<end] {
            guard let state = try writer.state(of: delivery), action.states.contains(state) else { continue }
            if try apply(to: delivery, in: state, writer) { done += 1 }
        }
        position = end
        return position == deliveries.count
    }

    private mutating func slice(_ filter: DeliveryFilter, _ writer: OutboxWriter) throws(OutboxError) -> Bool
    {
        var walk = self.walk ?? self.walk(filter, writer)
        defer { self.walk = walk }
        guard let (state, rows) = try walk.next(Self.sliceSize, writer) else { return true }
        for delivery in rows.map(\.delivery) {
            guard try writer.matches(delivery, filter) else { continue }
            if try apply(to: delivery, in: state, writer) { done += 1 }
        }
        return false
    }

    private func walk(_ filter: DeliveryFilter, _ writer: OutboxWriter) -> DeliveryWalk {
        let queues = filter.queue.map { [$0] } ?? writer.queues.indices.map { PluginNumber(Int64($0)) }
        let states = action.states.filter { filter.states.isEmpty || filter.states.contains($0) }
        return DeliveryWalk(queues: queues, states: states)
    }

    private func apply(
        to delivery: DeliveryID, in state: DeliveryState, _ writer: OutboxWriter
    ) throws(OutboxError) -> Bool {
        try writer.begin()
        switch action {
        case .retry: return try writer.retry(delivery, in: state)
        case .cancel: return try writer.cancel(delivery, in: state)
        case .hold(let reason): return try writer.hold(delivery, in: state, because: reason)
        }
    }
}

extension OutboxWriter {
    /// Makes a delivery ready that nobody is trying. The time it was tried for starts anew, or it would be given
    /// up at its next failure. In a line it takes its place again.
    /// - Parameter start: One that was touched after this moment is left alone; nil: when does not matter.
    func retry(
        _ delivery: DeliveryID, in state: DeliveryState, untouchedSince start: Timestamp? = nil
    ) throws(OutboxError) -> Bool {
        guard claims[delivery] == nil else { return false }
        let line = try lineOfEvent(delivery)
        let next = line == nil ? DeliveryState.ready : .blocked
        let statement = try database.prepare(.retry)
        statement.bind(1, delivery.rawValue)
        statement.bind(2, state.rawValue)
        statement.bind(3, moment.milliseconds)
        statement.bind(4, next.rawValue)
        statement.bind(5, line)
        // A clock that was set back does not make what was retried look untouched.
        statement.bind(6, start?.milliseconds)
        guard try statement.run() > 0 else { return false }
        count(delivery, from: state, to: next, wasClaimed: false, isClaimed: false)
        if let line { try settle(delivery.queue, line) }
        return true
    }

    /// Calls a delivery off. If it is being tried, its record will find it cancelled.
    func cancel(_ delivery: DeliveryID, in state: DeliveryState) throws(OutboxError) -> Bool {
        let line = try line(of: delivery)
        guard try change(delivery, from: state, to: .cancelled, updatedAt: moment) else { return false }
        let isClaimed = claims[delivery] != nil
        if isClaimed { transaction.restated.append((delivery, .cancelled)) }
        count(delivery, from: state, to: .cancelled, wasClaimed: isClaimed, isClaimed: isClaimed)
        if let line { try settle(delivery.queue, line) }
        return true
    }

    /// Holds a delivery that nobody is trying.
    fileprivate func hold(
        _ delivery: DeliveryID, in state: DeliveryState, because reason: String
    ) throws(OutboxError) -> Bool {
        guard claims[delivery] == nil else { return false }
        let line = try line(of: delivery)
        guard try change(delivery, from: state, to: .held, reason: reason, updatedAt: moment) else {
            return false
        }
        count(delivery, from: state, to: .held, wasClaimed: false, isClaimed: false)
        if let line { try settle(delivery.queue, line) }
        return true
    }

    /// What a filter says beyond queue and state.
    func matches(_ delivery: DeliveryID, _ filter: DeliveryFilter) throws(OutboxError) -> Bool {
        if let status = filter.status {
            let statement = try database.prepare(.lastStatus)
            statement.bind(1, delivery.rawValue)
            guard try statement.next() else { return false }
            defer { statement.reset() }
            guard statement.optionalInteger(0) == Int64(status) else { return false }
        }
        let event = EventFilter(
            hook: filter.hook, object: filter.object, since: filter.since, until: filter.until)
        guard event != EventFilter() else { return true }
        let statement = try database.prepare(.eventFacts)
        statement.bind(1, delivery.sequence)
        guard try statement.next() else { return false }
        defer { statement.reset() }
        return event.matches(statement, from: 0)
    }
}

extension EventFilter {
    /// Judges a row whose columns type, object, accepted_at begin at `column`.
    func matches(_ row: Statement, from column: Int32) -> Bool {
        if let hook, row.text(column) != hook { return false }
        if let object, row.optionalText(column + 1) != object { return false }
        let acceptedAt = Timestamp(milliseconds: row.integer(column + 2))
        if let since, acceptedAt < since { return false }
        if let until, acceptedAt >= until { return false }
        return true
    }
}
