// The form in which a secret leaves the process where that is not the secret itself: a receiver that echoes a request
// echoes this, so it is redacted too. Escapes of JSON, URLs and HTML are found by `Redaction`.

/// Encodings of a secret.
enum SecretForms {
    /// Base64 (RFC 4648) of UTF-8, as `Authorization: Basic` carries it.
    static func base64(_ text: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        let bytes = Array(text.utf8)
        var output: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let number = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for position in 0..<4 {
                let sextet = alphabet[number >> (18 - 6 * position) & 63]
                output.append(position <= group.count ? sextet : UInt8(ascii: "="))
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
