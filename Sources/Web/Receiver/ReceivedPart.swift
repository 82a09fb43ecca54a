// A part of a form as the built-in receiver saw it, read from its header lines.

/// One part of a form.
package struct ReceivedPart: Sendable, Equatable {
    /// `name` of its content-disposition.
    package var name = ""
    /// `filename`; nil for a plain field.
    package var filename: String?
    /// Its content type.
    package var contentType: String?
    /// Bytes in it.
    package var size: Int64 = 0
    /// SHA-256 of them, lower-case hex digits.
    package var sha256 = ""
    /// Their beginning, for plain fields.
    package var value: [UInt8] = []

    /// A part with these header lines.
    init(headers: [String]) {
        for line in headers {
            let pair = line.split(separator: ":", maxSplits: 1)
            guard pair.count == 2 else { continue }
            let value = String(pair[1]).trimmingSpaces
            switch pair[0].lowercased() {
            case "content-type": contentType = value
            case "content-disposition":
                name = ReceivedPart.parameter("name", of: value) ?? ""
                filename = ReceivedPart.parameter("filename", of: value)
            default: break
            }
        }
    }

    /// `name="…"` of a content-disposition; quotes inside are percent-encoded (RFC 7578, section 2).
    private static func parameter(_ name: String, of value: String) -> String? {
        for part in value.split(separator: ";").dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, String(pair[0]).trimmingSpaces == name else { continue }
            let text = String(pair[1]).trimmingSpaces
            return text.hasPrefix("\"") && text.hasSuffix("\"") && text.utf8.count > 1
                ? String(text.dropFirst().dropLast()) : text
        }
        return nil
    }
}
