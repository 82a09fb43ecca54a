// The event as deliveries see it: its bytes, and its parsed form when a template asks for it.

import Model
import Outbox
import Settings

/// What a delivery knows of its event.
struct EventSource: Sendable {
    /// The event's id.
    let id: String
    /// The event's hook.
    let type: String
    /// The event's bytes.
    let body: [UInt8]

    /// The values that templates can name; empty without parsing when nothing is `needed`.
    /// - Throws: `RequestBuilder.Failure` when the stored event is no JSON, which intake does not let through.
    func context(
        plugin: Plugin, mwdb: MWDBSettings?, needed: Bool
    ) throws(RequestBuilder.Failure) -> TemplateContext {
        var context: TemplateContext
        do throws(JSONError) {
            context = needed ? try TemplateContext(body: body) : TemplateContext(event: .object([]))
        } catch {
            throw RequestBuilder.Failure(reason: "the stored event cannot be read: \(error)")
        }
        context.set(plugin, mwdb)
        return context
    }

    /// The event as CloudEvents has it; `data` takes the place of its own.
    /// - Throws: `RequestBuilder.Failure` when the stored event is none, which intake does not let through.
    func cloudEvent(data: [UInt8]?) throws(RequestBuilder.Failure) -> CloudEvent {
        do throws(EventError) {
            return try CloudEvent(event: body, data: data)
        } catch {
            throw RequestBuilder.Failure(reason: "the stored event cannot be read: \(error.message)")
        }
    }

    /// The file that the event is about; nil when there is none.
    var file: FileReference? {
        // Events were accepted by the same parser.
        (try? Event.parse(line: body))?.file
    }
}

extension TemplateContext {
    /// Puts in what the configuration says.
    mutating func set(_ plugin: Plugin, _ mwdb: MWDBSettings?) {
        pluginName = plugin.name
        pluginPublicURL = plugin.publicURL
        mwdbURL = mwdb?.url
        mwdbPublicURL = mwdb?.publicURL
    }
}

extension Claim {
    /// The claim's event.
    var event: EventSource { EventSource(id: eventID, type: eventType, body: body) }
}
