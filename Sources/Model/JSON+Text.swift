// JSON in and out of bytes.

extension JSON {
    /// Parses one JSON text, strictly as RFC 8259, at most 128 levels deep.
    /// - Throws: `JSONError` with the byte at which it went wrong.
    package static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSON {
        throw JSONError(offset: 0, message: "not implemented")
    }

    /// Compact JSON in UTF-8; control characters, DEL, U+2028 and U+2029 escaped.
    package func serialised() -> [UInt8] {
        []
    }
}
