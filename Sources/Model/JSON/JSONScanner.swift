// One pass over the bytes of a JSON text that accepts exactly what RFC 8259 does (UTF-8, no byte order mark,
// no trailing commas), at most 128 levels deep. `JSON.parse` builds trees on it, `Event.parse` reads events
// with it without building any. On failure it throws the byte at which the text went wrong.

/// A cursor over borrowed bytes; used only while their owner lends them.
struct JSONScanner {
    /// Most nested arrays and objects.
    static let maximumDepth = 128

    /// The text.
    let bytes: UnsafePointer<UInt8>
    /// Its length.
    let count: Int
    /// The next byte.
    private(set) var position = 0

    /// A scanner at the beginning of `buffer`.
    init(_ buffer: UnsafeBufferPointer<UInt8>) {
        // An empty buffer may have no address; nothing is read through this one then.
        bytes = buffer.baseAddress ?? UnsafePointer(bitPattern: 8).unsafelyUnwrapped
        count = buffer.count
    }

    /// A string as it stands in the text, without its quotes.
    struct StringSlice {
        /// First byte after the opening quote.
        var start: Int
        /// The closing quote.
        var end: Int
        /// Holds at least one backslash.
        var escaped: Bool

        /// Length in bytes as written.
        var count: Int { end - start }
    }

    // MARK: Tokens

    /// The next byte that is no white space, not consumed; nil at the end of the text.
    @inline(__always)
    mutating func peek() -> UInt8? {
        while position < count {
            let byte = bytes[position]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            position &+= 1
        }
        return nil
    }

    /// Consumes `byte` when it is the next one that is no white space.
    @inline(__always)
    mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position &+= 1
        return true
    }

    /// Throws unless nothing but white space is left.
    mutating func finish() throws(JSONError) {
        if peek() != nil { throw failure("expected the end of the text") }
    }

    /// An error at the current position; at the end of the text it says so.
    func failure(_ message: String) -> JSONError {
        JSONError(offset: position, message: position < count ? message : "the text ends early: \(message)")
    }

    // MARK: Structure

    /// Consumes an object. `member` is called with each key, the scanner standing before the value, which it
    /// must consume.
    @inline(__always)
    mutating func object(
        depth: Int,
        member: (inout JSONScanner, StringSlice) throws(JSONError) -> Void
    ) throws(JSONError) {
        try open(0x7B, depth: depth)
        if take(0x7D) { return }
        repeat {
            guard peek() == 0x22 else { throw failure("expected a key in double quotes") }
            let key = try string()
            guard take(0x3A) else { throw failure("expected ':'") }
            try member(&self, key)
        } while take(0x2C)
        guard take(0x7D) else { throw failure("expected ',' or '}'") }
    }

    /// Consumes an array. `element` is called before each element, which it must consume.
    @inline(__always)
    mutating func array(
        depth: Int,
        element: (inout JSONScanner) throws(JSONError) -> Void
    ) throws(JSONError) {
        try open(0x5B, depth: depth)
        if take(0x5D) { return }
        repeat {
            try element(&self)
        } while take(0x2C)
        guard take(0x5D) else { throw failure("expected ',' or ']'") }
    }

    private mutating func open(_ bracket: UInt8, depth: Int) throws(JSONError) {
        guard depth < Self.maximumDepth else {
            throw failure("more than \(Self.maximumDepth) levels of arrays and objects")
        }
        guard take(bracket) else { throw failure(bracket == 0x7B ? "expected '{'" : "expected '['") }
    }

    /// Consumes one value of any kind; `depth` levels are open around it.
    mutating func skipValue(depth: Int) throws(JSONError) {
        switch peek() {
        case 0x22:
            _ = try string()
        case 0x7B:
            try object(depth: depth) { (scanner, _) throws(JSONError) in
                try scanner.skipValue(depth: depth + 1)
            }
        case 0x5B:
            try array(depth: depth) { (scanner) throws(JSONError) in
                try scanner.skipValue(depth: depth + 1)
            }
        case 0x74: try word("true")
        case 0x66: try word("false")
        case 0x6E: try word("null")
        default: _ = try number()
        }
    }

    /// Consumes `true`, `false` or `null`.
    mutating func word(_ word: StaticString) throws(JSONError) {
        guard count - position >= word.utf8CodeUnitCount,
            equal(position, word)
        else { throw failure("expected a value") }
        position += word.utf8CodeUnitCount
    }

    // MARK: Numbers

    /// Consumes a number and returns where it stands.
    mutating func number() throws(JSONError) -> Range<Int> {
        _ = peek()
        let start = position
        if position < count, bytes[position] == 0x2D { position += 1 }
        guard position < count, isDigit(bytes[position]) else { throw failure("expected a value") }
        if bytes[position] == 0x30 {
            position += 1
        } else {
            skipDigits()
        }
        if position < count, bytes[position] == 0x2E {
            position += 1
            guard skipDigits() else { throw failure("expected a digit after '.'") }
        }
        if position < count, bytes[position] | 0x20 == 0x65 {
            position += 1
            if position < count, bytes[position] == 0x2B || bytes[position] == 0x2D { position += 1 }
            guard skipDigits() else { throw failure("expected a digit in the exponent") }
        }
        return start..<position
    }

    @discardableResult
    private mutating func skipDigits() -> Bool {
        let start = position
        while position < count, isDigit(bytes[position]) { position += 1 }
        return position > start
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    // MARK: Strings

    /// Consumes a string; the scanner stands at its opening quote.
    mutating func string() throws(JSONError) -> StringSlice {
        position &+= 1
        var slice = StringSlice(start: position, end: position, escaped: false)
        while true {
            skipPlainBytes()
            guard position < count else { throw failure("expected '\"'") }
            let byte = bytes[position]
            if byte == 0x22 {
                slice.end = position
                position &+= 1
                return slice
            }
            if byte == 0x5C {
                slice.escaped = true
                try skipEscape()
            } else if byte < 0x20 {
                throw failure("control character in a string; write it as \\u00XX")
            } else {
                let length = UTF8Sequence.length(at: position, in: bytes, count: count)
                guard length > 0 else { throw failure("not UTF-8") }
                position &+= length
            }
        }
    }

    /// Moves over bytes that are plain ASCII inside a string, eight at a time.
    @inline(__always)
    private mutating func skipPlainBytes() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        while position &+ 8 <= count {
            // Little endian: the lowest set bit belongs to the first byte in question. Each term has the high
            // bit set for a byte that is `"`, `\`, below 0x20, or above 0x7F.
            let word = UInt64(
                littleEndian: UnsafeRawPointer(bytes + position).loadUnaligned(as: UInt64.self))
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            let special =
                ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)
                | ((word &- ones &* 0x20) & ~word) | word
            let marks = special & highs
            guard marks == 0 else {
                position &+= marks.trailingZeroBitCount >> 3
                return
            }
            position &+= 8
        }
        while position < count {
            let byte = bytes[position]
            guard byte >= 0x20, byte < 0x80, byte != 0x22, byte != 0x5C else { return }
            position &+= 1
        }
    }

    private mutating func skipEscape() throws(JSONError) {
        guard position + 1 < count else {
            position = count
            throw failure("expected '\"'")
        }
        switch bytes[position + 1] {
        case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74:
            position += 2
        case 0x75:
            guard hexadecimal(at: position + 2) != nil else {
                throw failure("expected four hexadecimal digits after \\u")
            }
            position += 6
        default:
            throw failure("no such escape")
        }
    }
}
