// An operational event before it is one: what happened to the dispatcher itself, in the words of docs/hooks.md. Pure.

import Model

/// Something worth telling whoever subscribed to it.
struct Notice: Sendable, Equatable {
    /// The hook: `plugin.suspended`.
    var type: String
    /// The plugin it is about, which is never told itself; nil: about none.
    var plugin: String?
    /// The members of `data`, in order.
    var data: [JSON.Member]

    /// The event, as intake would accept it.
    func event(now: Timestamp, random: (UInt64, UInt64)) -> Event {
        let id = EventID.make(now: now, random: random)
        let body = JSON.object([
            .init(key: "id", value: .string(id)), .init(key: "type", value: .string(type)),
            .init(key: "timestamp", value: .string(now.rfc3339)),
            .init(key: "source", value: .string("mwdb-webhooks")), .init(key: "actor", value: .null),
            .init(key: "data", value: .object(data)),
        ])
        return Event(id: id, type: type, body: body.serialised())
    }
}
