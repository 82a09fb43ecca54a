// What templates and filters can name: the event's data, the event, the plugin, MWDB, extracted values.
// A value that is missing is nil and never an error.

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
    /// Values taken from the receiver's answer, by name. They come before `data`.
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

    /// Nothing at all: every path is missing.
    package static let empty = TemplateContext(event: .object([]))

    /// The value at `path`; nil when it is missing.
    package func value(at path: String) -> JSON? {
        value(at: ValuePath(path))
    }

    /// The value at `path`; nil when it is missing.
    func value(at path: ValuePath) -> JSON? {
        if !extracted.isEmpty, let root = extracted[path.root], let value = root.value(at: path.rest) {
            return value
        }
        return switch path.root {
        // `plugin` alone is what an operational event is about.
        case "plugin" where path.rest.isEmpty: data["plugin"]
        case "event": event.value(at: path.rest)
        case "plugin", "mwdb": path.rest.count == 1 ? setting(path.text).map(JSON.string) : nil
        default: argument(path.root)?.value(at: path.rest)
        }
    }

    /// An argument of the hook; `file` is also the `object` when its type is file.
    private func argument(_ name: String) -> JSON? {
        if let argument = data[name] { return argument }
        guard name == "file", let object = data["object"], object["type"]?.text == "file" else { return nil }
        return object
    }

    private func setting(_ path: String) -> String? {
        switch path {
        case "plugin.name": pluginName
        case "plugin.public_url": pluginPublicURL
        case "mwdb.url": mwdbURL
        case "mwdb.public_url": mwdbPublicURL
        default: nil
        }
    }
}

/// A dotted path taken apart once.
struct ValuePath: Sendable, Equatable {
    /// The path as it was written.
    let text: String
    /// Its first step.
    let root: String
    /// The steps below.
    let rest: [String]

    /// Takes `text` apart.
    init(_ text: String) {
        self.text = text
        let steps = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        root = steps.first ?? ""
        rest = Array(steps.dropFirst())
    }

    /// Whether `text` can be a path: steps that are not empty, without white space and `|{}"'<>=!:`.
    static func isValid(_ text: String) -> Bool {
        !text.isEmpty && !text.hasPrefix(".") && !text.hasSuffix(".") && !text.contains("..")
            && text.unicodeScalars.allSatisfy { scalar in
                scalar.value > 0x20 && scalar.value != 0x7F && !"|{}\"'<>=!:,".unicodeScalars.contains(scalar)
            }
    }
}
