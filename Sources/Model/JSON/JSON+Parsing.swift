// A tree of values from the bytes of a JSON text.

extension JSON {
    /// Parses one JSON text, strictly as RFC 8259, at most 128 levels deep.
    /// - Throws: `JSONError` with the byte at which it went wrong.
    package static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSON {
        try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) in
            var scanner = JSONScanner(buffer)
            let value = try value(&scanner, depth: 0)
            try scanner.finish()
            return value
        }
    }

    private static func value(_ scanner: inout JSONScanner, depth: Int) throws(JSONError) -> JSON {
        switch scanner.peek() {
        case UInt8(ascii: "\""):
            return .string(scanner.decoded(try scanner.string()))
        case UInt8(ascii: "{"):
            var members: [Member] = []
            try scanner.object(depth: depth) { (scanner, key) throws(JSONError) in
                let key = scanner.decoded(key)
                members.append(Member(key: key, value: try value(&scanner, depth: depth + 1)))
            }
            return .object(members)
        case UInt8(ascii: "["):
            var elements: [JSON] = []
            try scanner.array(depth: depth) { (scanner) throws(JSONError) in
                elements.append(try value(&scanner, depth: depth + 1))
            }
            return .array(elements)
        case UInt8(ascii: "t"):
            try scanner.word("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try scanner.word("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try scanner.word("null")
            return .null
        default:
            let range = try scanner.number()
            return .number(String(decoding: scanner.buffer(range), as: UTF8.self))
        }
    }
}
