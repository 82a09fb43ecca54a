// One request for several deliveries (`batch`): each body as it would be sent alone, side by side. Pure.

import Crypto
import Model

extension RequestBuilder {
    /// A request for several events.
    struct Batch {
        /// The request; nil when none of the events can be sent.
        var request: Request?
        /// Positions of the events that are in it.
        var members: [Int] = []
        /// What is wrong with the others, by position.
        var failures: [(Int, Failure)] = []
    }

    /// The request for `events`, in their order.
    func batch(token: UInt64, events: [EventSource], now: Timestamp) -> Batch {
        var batch = Batch()
        var items: [[UInt8]] = []
        for (index, event) in events.enumerated() {
            do throws(Failure) {
                items.append(try item(event))
                batch.members.append(index)
            } catch {
                batch.failures.append((index, error))
            }
        }
        guard !items.isEmpty else { return batch }
        var context = TemplateContext.empty
        context.set(plugin, mwdb)
        var request = head(
            token: token, context, body: .bytes(joined(items)), contentType: plugin.contentType ?? batchType,
            sample: nil)
        do throws(Failure) {
            try finish(&request, id: RequestBuilder.batchID(batch.members.map { events[$0].id }), now)
            batch.request = request
        } catch {
            batch.failures += batch.members.map { ($0, error) }
            batch.members = []
        }
        return batch
    }

    /// `webhook-id` of a batch: the same for the same events in the same order.
    static func batchID(_ ids: [String]) -> String {
        "batch-" + hexDigits(SHA256.hash(data: Array(ids.joined(separator: "\n").utf8))).prefix(32)
    }

    private func item(_ event: EventSource) throws(Failure) -> [UInt8] {
        let context = try event.context(plugin: plugin, mwdb: mwdb, needed: needsContext)
        var bytes: [UInt8]
        switch plugin.body {
        case .cloudevents: bytes = try event.cloudEvent(data: json(context)).structured
        default: bytes = json(context) ?? event.body
        }
        if plugin.batch.format == .ndjson, !hasLines {
            // No JSON string holds one: these are blanks between its parts.
            for index in bytes.indices where bytes[index] == 0x0A || bytes[index] == 0x0D {
                bytes[index] = 0x20
            }
        }
        return bytes
    }

    private func joined(_ items: [[UInt8]]) -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(items.reduce(2) { $0 + $1.count + 1 })
        switch plugin.batch.format {
        case .array:
            for item in items {
                body.append(body.isEmpty ? UInt8(ascii: "[") : UInt8(ascii: ","))
                body += item
            }
            body.append(UInt8(ascii: "]"))
        case .ndjson:
            for item in items {
                body += item
                body.append(0x0A)
            }
        }
        return body
    }

    private var batchType: String {
        switch plugin.batch.format {
        case .ndjson: "application/x-ndjson"
        case .array: plugin.body == .cloudevents ? CloudEvent.batchType : "application/json"
        }
    }
}
