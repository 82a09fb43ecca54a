// swift-log's way into our log.

import Logging
import Model
import Web

/// Hands log events on as lines.
struct LineLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    private let output: LogOutput
    private var own: Logger.Level?

    /// A handler that writes to `output`.
    init(_ output: LogOutput) {
        self.output = output
    }

    /// The log's level, unless this logger has been given one of its own.
    var logLevel: Logger.Level {
        get { own ?? output.level }
        set { own = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let given = event.metadata { all.merge(given) { $1 } }
        if let error = event.error { all["error"] = "\(error)" }
        var fields: [(key: String, value: String)] = []
        for (key, value) in all { Self.flatten(key, value, into: &fields) }
        fields.sort { $0.key < $1.key }
        output.write(
            LogLine(
                time: systemTime(), level: event.level, message: event.message.description, fields: fields))
    }

    private static func flatten(
        _ key: String, _ value: Logger.MetadataValue, into fields: inout [(key: String, value: String)]
    ) {
        switch value {
        case .string(let text): fields.append((key, text))
        case .stringConvertible(let value): fields.append((key, value.description))
        case .array(let values): fields.append((key, values.map(\.description).joined(separator: ", ")))
        case .dictionary(let values):
            for (inner, value) in values { flatten(key + "." + inner, value, into: &fields) }
        }
    }
}
