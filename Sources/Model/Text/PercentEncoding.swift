// Percent-encoding (RFC 3986) of values that stand in URLs, in forms and in CloudEvents' headers.

/// Percent-encoding.
package enum PercentEncoding {
    /// `text` with every byte but `A-Z a-z 0-9 - . _ ~` as `%XX`.
    package static func encode(_ text: String) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count)
        for byte in text.utf8 { append(byte, to: &output) }
        return String(decoding: output, as: UTF8.self)
    }

    /// `text` as CloudEvents' HTTP binding (1.0.2, 3.1.3.2) puts it into a header: everything but visible ASCII, and
    /// `"` and `%`, as `%XX`.
    package static func headerValue(_ text: String) -> String {
        var output: [UInt8] = []
        for byte in text.utf8 {
            let isPlain = (0x21...0x7E).contains(byte) && byte != 0x22 && byte != 0x25
            if isPlain { output.append(byte) } else { escape(byte, into: &output) }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Fields as `application/x-www-form-urlencoded` (WHATWG URL, 5.2): a space is `+`.
    package static func form(_ fields: [(name: String, value: String)]) -> [UInt8] {
        var output: [UInt8] = []
        for (index, field) in fields.enumerated() {
            if index > 0 { output.append(UInt8(ascii: "&")) }
            appendForm(field.name, to: &output)
            output.append(UInt8(ascii: "="))
            appendForm(field.value, to: &output)
        }
        return output
    }

    private static func appendForm(_ text: String, to output: inout [UInt8]) {
        for byte in text.utf8 {
            if byte == 0x20 {
                output.append(UInt8(ascii: "+"))
            } else {
                append(byte, to: &output)
            }
        }
    }

    private static func append(_ byte: UInt8, to output: inout [UInt8]) {
        switch byte {
        case 0x2D, 0x2E, 0x5F, 0x7E:
            output.append(byte)
        case _ where byte.isDigit || byte.isLetter:
            output.append(byte)
        default:
            escape(byte, into: &output)
        }
    }

    /// Appends `%XX`.
    static func escape(_ byte: UInt8, into output: inout [UInt8]) {
        output.append(UInt8(ascii: "%"))
        output.append(digit(byte >> 4))
        output.append(digit(byte & 0xF))
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : 0x37 + value
    }
}
