// A request as the built-in receiver saw it: what it prints, in a value.

import Model

/// A request that was received.
package struct ReceivedRequest: Sendable, Equatable {
    /// 1 for the first.
    package var number: Int
    /// When its head was there.
    package var receivedAt: Timestamp
    /// Method.
    package var method: String
    /// Path with query.
    package var path: String
    /// Header fields in their order.
    package var headers: [Header]
    /// Its body.
    package var body: ReceivedBody
    /// What its signature is worth.
    package var signature: SignatureFinding
    /// The status that was answered.
    package var status: Int

    /// Its first header field called `name` (lower case).
    package func header(_ name: String) -> String? {
        headers.first { $0.name == name }?.value
    }
}

/// The body of a received request.
package enum ReceivedBody: Sendable, Equatable {
    /// Bytes: their beginning, how many there were, and their SHA-256.
    case bytes([UInt8], size: Int64, sha256: String)
    /// The parts of a form.
    case parts([ReceivedPart])
    /// It broke off, or was no form.
    case broken(String)
}

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

/// What the signature of a request is worth.
package enum SignatureFinding: Sendable, Equatable {
    /// No secret was given, so it was not looked at.
    case unchecked
    /// Made with our secret, over this body.
    case valid
    /// There is none.
    case missing
    /// There is one, and it is not ours; why.
    case wrong(String)
}
