// Any text as a URI-reference (RFC 3986, 4.1), for CloudEvents' `source`. Pure.

/// URI-references.
enum URIReference {
    /// `text` with every byte that cannot stand in a URI-reference as `%XX`; one that is a URI-reference already comes
    /// out unchanged. nil for nothing.
    static func from(_ text: String) -> String? {
        guard !text.isEmpty else { return nil }
        let bytes = Array(text.utf8)
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        // A colon in the first segment ends a scheme; where there is none it would make the text something else.
        var isInFirstSegment = !hasScheme(bytes)
        var hasFragment = false
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case UInt8(ascii: "/"), UInt8(ascii: "?"):
                isInFirstSegment = false
                output.append(byte)
            case UInt8(ascii: ":") where !isInFirstSegment:
                output.append(byte)
            case UInt8(ascii: "#") where !hasFragment:
                hasFragment = true
                isInFirstSegment = false
                output.append(byte)
            case UInt8(ascii: "%") where isEscape(bytes[index...]):
                output.append(byte)
            case _ where byte.isDigit || byte.isLetter || "-._~!$&'()*+,;=@".utf8.contains(byte):
                output.append(byte)
            default:
                PercentEncoding.escape(byte, into: &output)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// `ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ) ":"` at the beginning.
    private static func hasScheme(_ bytes: [UInt8]) -> Bool {
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), let first = bytes.first, first.isLetter
        else {
            return false
        }
        return bytes[..<colon].allSatisfy { $0.isDigit || $0.isLetter || "+-.".utf8.contains($0) }
    }

    private static func isEscape(_ bytes: ArraySlice<UInt8>) -> Bool {
        let digits = bytes.dropFirst().prefix(2)
        return digits.count == 2
            && digits.allSatisfy { $0.isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0 | 0x20) }
    }
}
