// What an operator's job does, and how it is written down: as JSON in the outbox, so that the job goes on after a
// restart of the daemon, or of a newer one.

import Model

/// What a job does.
package enum JobOrder: Sendable, Equatable {
    /// Makes deliveries ready that are waiting, held, dead or cancelled.
    case retry(DeliveryFilter)
    /// Calls off deliveries, of events up to the sequence `last`: what comes later nobody meant.
    case cancel(DeliveryFilter, last: Int64)
    /// Delivers events again, or for the first time.
    case replay(ReplayOrder)
    /// Takes in events about objects that MWDB has.
    case backfill(BackfillOrder)

    /// The word for people, API and database.
    package var kind: String {
        switch self {
        case .retry: "retry"
        case .cancel: "cancel"
        case .replay: "replay"
        case .backfill: "backfill"
        }
    }
}

/// A replay as a job.
package struct ReplayOrder: Sendable, Equatable {
    /// Which events.
    package var filter: EventFilter
    /// Who gets them.
    package var plugin: PluginNumber
    /// Each as a new event with an id of its own.
    package var newID: Bool
    /// Events up to this sequence came before what the filter wants.
    package var after: Int64
    /// Events after this sequence came later than the job, perhaps from itself.
    package var last: Int64

    /// A replay of the events `after` (left out) to `last` that match.
    package init(filter: EventFilter, plugin: PluginNumber, newID: Bool, after: Int64, last: Int64) {
        self.filter = filter
        self.plugin = plugin
        self.newID = newID
        self.after = after
        self.last = last
    }
}

/// A backfill as a job.
package struct BackfillOrder: Sendable, Equatable {
    /// Which objects, in MWDB's search language; nil: all.
    package var query: String?
    /// Who gets their events.
    package var plugin: PluginNumber
    /// The hook of the events; nil: the one of each object's type.
    package var hook: String?

    /// A backfill.
    package init(query: String?, plugin: PluginNumber, hook: String?) {
        self.query = query
        self.plugin = plugin
        self.hook = hook
    }
}

extension JobOrder {
    /// The order as it is stored.
    var stored: String {
        var members: [JSON.Member] = [.init(key: "kind", value: .string(kind))]
        func add(_ key: String, _ value: String?) {
            if let value { members.append(.init(key: key, value: .string(value))) }
        }
        func add(_ key: String, _ value: Int64?) {
            if let value { members.append(.init(key: key, value: .number(String(value)))) }
        }
        func add(_ hook: String?, _ object: String?, _ since: Timestamp?, _ until: Timestamp?) {
            add("hook", hook)
            add("object", object)
            add("since", since?.milliseconds)
            add("until", until?.milliseconds)
        }
        func add(_ filter: DeliveryFilter) {
            add("queue", filter.queue?.rawValue)
            let states = filter.states.map(\.rawValue).sorted().map { JSON.number(String($0)) }
            members.append(.init(key: "states", value: .array(states)))
            add("status", filter.status.map(Int64.init))
            add(filter.hook, filter.object, filter.since, filter.until)
        }
        switch self {
        case .retry(let filter): add(filter)
        case .cancel(let filter, let last):
            add(filter)
            add("last", last)
        case .replay(let order):
            add("plugin", order.plugin.rawValue)
            add("after", order.after)
            add("last", order.last)
            members.append(.init(key: "new_id", value: .bool(order.newID)))
            add(order.filter.hook, order.filter.object, order.filter.since, order.filter.until)
        case .backfill(let order):
            add("plugin", order.plugin.rawValue)
            add("query", order.query)
            add("hook", order.hook)
        }
        return String(decoding: JSON.object(members).serialised(), as: UTF8.self)
    }

    /// Reads what `stored` wrote; nil when it is something else, as a newer version may have written.
    init?(stored text: String) {
        guard let tree = try? JSON.parse(Array(text.utf8)) else { return nil }
        func number(_ key: String) -> Int64? {
            if case .number(let text)? = tree[key] { Int64(text) } else { nil }
        }
        func moment(_ key: String) -> Timestamp? { number(key).map(Timestamp.init(milliseconds:)) }
        let plugin = number("plugin").map(PluginNumber.init)
        switch tree["kind"]?.text {
        case "retry", "cancel":
            var filter = DeliveryFilter(
                queue: number("queue").map(PluginNumber.init), hook: tree["hook"]?.text,
                object: tree["object"]?.text, since: moment("since"), until: moment("until"),
                status: number("status").map { Int($0) })
            guard case .array(let states)? = tree["states"] else { return nil }
            for case .number(let text) in states {
                guard let state = Int64(text).flatMap(DeliveryState.init(rawValue:)) else { return nil }
                filter.states.insert(state)
            }
            guard tree["kind"]?.text == "cancel" else {
                self = .retry(filter)
                return
            }
            guard let last = number("last") else { return nil }
            self = .cancel(filter, last: last)
        case "replay":
            guard let plugin, let after = number("after"), let last = number("last") else { return nil }
            let filter = EventFilter(
                hook: tree["hook"]?.text, object: tree["object"]?.text, since: moment("since"),
                until: moment("until"))
            self = .replay(
                ReplayOrder(
                    filter: filter, plugin: plugin, newID: tree["new_id"] == .bool(true), after: after,
                    last: last))
        case "backfill":
            guard let plugin else { return nil }
            self = .backfill(
                BackfillOrder(query: tree["query"]?.text, plugin: plugin, hook: tree["hook"]?.text))
        default: return nil
        }
    }
}
