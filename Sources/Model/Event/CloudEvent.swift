// An event as CNCF CloudEvents 1.0.2 (https://github.com/cloudevents/spec/tree/v1.0.2/cloudevents): `body = cloudevents`
// in one JSON object, `body = cloudevents-binary` with the attributes in `ce-…` headers. Pure. The bytes of `data` are
// those of the event: nothing is parsed into values and written anew.

/// An event's attributes and data as CloudEvents names them.
package struct CloudEvent: Sendable, Equatable {
    /// Attributes in sending order, `specversion` first. Values are not empty and hold no character that CloudEvents
    /// disallows.
    package let attributes: [Attribute]
    /// `data`: a JSON value as it was written.
    package let data: [UInt8]

    /// An attribute with its value.
    package struct Attribute: Sendable, Equatable {
        /// Lower-case letters and digits.
        package let name: String
        /// Its value, of type String, URI-reference or Timestamp.
        package let value: String
    }

    /// Names of the attributes that every kind of body makes itself.
    package static let names = ["specversion", "id", "source", "type", "subject", "time", "actor"]
    /// Content type of one event in structured mode.
    package static let structuredType = "application/cloudevents+json"
    /// Content type of several.
    package static let batchType = "application/cloudevents-batch+json"
    /// Content type of `data`.
    package static let dataType = "application/json"

    /// The event in `body`. `source` is its instance name as a URI-reference, `subject` the id of its object, `time` its
    /// timestamp where that is RFC 3339, `actor` an extension; what it does not have is left out.
    /// - Parameter data: Takes the place of its `data`: a JSON text.
    /// - Throws: `EventError` when `body` is no event; intake lets none through that is not.
    package init(event body: [UInt8], data: [UInt8]? = nil) throws(EventError) {
        let event = try Event.parse(line: body)
        let parts = try Parts(body)
        attributes = [
            ("specversion", "1.0"), ("id", event.id),
            ("source", URIReference.from(parts.source ?? "") ?? "mwdb"), ("type", event.type),
            ("subject", event.object), ("time", parts.timestamp.flatMap(Self.moment)),
            ("actor", event.actor.map(Self.allowed)),
        ].compactMap { name, value in
            guard let value, !value.isEmpty else { return nil }
            return Attribute(name: name, value: value)
        }
        self.data = data ?? Array(body[parts.data])
    }

    /// The event in structured mode: one JSON object.
    package var structured: [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(data.count + 512)
        for (index, attribute) in attributes.enumerated() {
            output.append(index == 0 ? UInt8(ascii: "{") : UInt8(ascii: ","))
            output.append(contentsOf: "\"\(attribute.name)\":\"".utf8)
            JSON.escape(attribute.value, into: &output)
            output.append(UInt8(ascii: "\""))
        }
        output.append(contentsOf: ",\"datacontenttype\":\"\(Self.dataType)\",\"data\":".utf8)
        output.append(contentsOf: data)
        output.append(UInt8(ascii: "}"))
        return output
    }

    /// The attributes in binary mode: `ce-…` headers, percent-encoded as the HTTP binding says (3.1.3.2).
    package var headers: [Header] {
        attributes.map { Header("ce-" + $0.name, PercentEncoding.headerValue($0.value)) }
    }

    private static func moment(_ text: String) -> String? {
        // A whole day and a blank in place of the T are moments for people only.
        guard Timestamp(rfc3339: text) != nil, text.utf8.dropFirst(10).first == UInt8(ascii: "T") else {
            return nil
        }
        return text
    }

    /// Control characters and Unicode's noncharacters may not stand in an attribute (spec, type String).
    private static func allowed(_ text: String) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            let value = scalar.value
            let isControl = value < 0x20 || (0x7F...0x9F).contains(value)
            let isNoncharacter = (0xFDD0...0xFDEF).contains(value) || value & 0xFFFE == 0xFFFE
            output.unicodeScalars.append(isControl || isNoncharacter ? "\u{FFFD}" : scalar)
        }
        return output
    }
}

/// What CloudEvents needs of an event beyond what routing needs.
private struct Parts {
    var source: String?
    var timestamp: String?
    var data = 0..<0

    init(_ body: [UInt8]) throws(EventError) {
        do throws(JSONError) {
            self = try body.withUnsafeBufferPointer { (buffer) throws(JSONError) in
                var parts = Parts()
                var scanner = JSONScanner(buffer)
                try scanner.object(depth: 0) { (scanner, key) throws(JSONError) in
                    if scanner.matches(key, "source") {
                        parts.source = try Self.text(&scanner)
                    } else if scanner.matches(key, "timestamp") {
                        parts.timestamp = try Self.text(&scanner)
                    } else {
                        let isData = scanner.matches(key, "data")
                        _ = scanner.peek()
                        let start = scanner.position
                        try scanner.skipValue(depth: 1)
                        if isData { parts.data = start..<scanner.position }
                    }
                }
                return parts
            }
        } catch {
            throw EventError(offset: error.offset, message: error.message)
        }
    }

    private init() {}

    private static func text(_ scanner: inout JSONScanner) throws(JSONError) -> String? {
        guard scanner.peek() == UInt8(ascii: "\"") else {
            try scanner.skipValue(depth: 1)
            return nil
        }
        return scanner.decoded(try scanner.string())
    }
}
