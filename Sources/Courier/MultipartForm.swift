// Writes `multipart/form-data` (RFC 7578): the parts' heads and the boundary. libcurl's own mime writer is not
// used because it decides about quoting and buffers file parts in small pieces.
// Failure: a name that would break out of its quotes is refused, not mended: cleaning names is Delivery's.

import Model

/// The pieces of a multipart body and the content type that goes with them.
struct MultipartForm {
    /// Value of the request's `Content-Type`.
    let contentType: [UInt8]
    /// The body in order.
    private(set) var pieces: [BodyStream.Piece] = []

    /// The form of `parts`, in their order.
    /// - Throws: `request` for a name, file name or content type with a quote or control character;
    ///   what `SampleFile` throws.
    init(_ parts: [Part], boundary: [UInt8]) throws(ExchangeFailure) {
        contentType = Array("multipart/form-data; boundary=".utf8) + boundary
        var pending: [UInt8] = []
        for part in parts {
            pending += try MultipartForm.head(of: part, boundary)
            switch part.content {
            case .bytes(let bytes):
                pending += bytes
            case .file(let content):
                pieces.append(.bytes(pending))
                pieces.append(.file(try SampleFile(content)))
                pending = []
            }
            pending += [0x0d, 0x0a]
        }
        pending += [0x2d, 0x2d] + boundary + [0x2d, 0x2d, 0x0d, 0x0a]
        pieces.append(.bytes(pending))
    }

    private static func head(of part: Part, _ boundary: [UInt8]) throws(ExchangeFailure) -> [UInt8] {
        var head: [UInt8] = [0x2d, 0x2d] + boundary
        head += Array("\r\nContent-Disposition: form-data; name=\"".utf8)
        head += try safe(part.name, "field name", quoted: true)
        if let filename = part.filename {
            head += Array("\"; filename=\"".utf8)
            head += try safe(filename, "file name", quoted: true)
        }
        head += [0x22]
        if let contentType = part.contentType {
            head += Array("\r\nContent-Type: ".utf8)
            head += try safe(contentType, "content type", quoted: false)
        }
        return head + [0x0d, 0x0a, 0x0d, 0x0a]
    }

    private static func safe(
        _ text: String, _ what: String, quoted: Bool
    ) throws(ExchangeFailure) -> String.UTF8View {
        for byte in text.utf8 where byte < 0x20 || byte == 0x7f || (quoted && byte == 0x22) {
            throw ExchangeFailure(
                kind: .request, message: "\(what) of a form part holds a quote or control character")
        }
        return text.utf8
    }

    /// `------------------------` and 32 random hex digits, 128 bits: 56 of the 70 characters RFC 2046 allows.
    static func randomBoundary() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        var boundary = [UInt8](repeating: 0x2d, count: 24)
        for _ in 0..<2 {
            var bits = generator.next()
            for _ in 0..<16 {
                let digit = UInt8(truncatingIfNeeded: bits & 15)
                boundary.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
                bits >>= 4
            }
        }
        return boundary
    }
}
