// Reads the parts of an event that routing needs while its line is being validated. What matters is noted as
// positions in the line and judged at the end, because of equal keys the last one counts.

/// What was noted of one line.
struct EventScanner {
    /// A string at a place, or something else at it.
    enum Noted {
        case string(JSONScanner.StringSlice)
        case null
        case other(offset: Int)
    }

    /// Top-level members.
    private(set) var id: Noted?
    private(set) var type: Noted?
    private(set) var actor: Noted?
    private(set) var source: Noted?
    private(set) var timestamp: Noted?
    /// Where `data` begins; nil without one.
    private(set) var data: Int?
    private(set) var dataIsObject = false
    /// The arguments that may be the event's object, by precedence; the last slot is any other argument.
    private(set) var arguments = [Argument?](repeating: nil, count: Self.precedence.count + 1)

    /// What was noted of one argument in `data`.
    struct Argument {
        var id: JSONScanner.StringSlice?
        var sha256: JSONScanner.StringSlice?
        var size: Range<Int>?
        /// nil: its `type` is missing.
        var isFile: Bool?
    }

    /// Arguments that an event is about, the first that is there.
    static let precedence: [StaticString] = ["file", "object", "config", "blob", "parent"]

    /// Reads a whole line.
    mutating func scan(_ scanner: inout JSONScanner) throws(JSONError) {
        try scanner.object(depth: 0) { (scanner, key) throws(JSONError) in
            if scanner.matches(key, "data") {
                try scanData(&scanner)
            } else if scanner.matches(key, "id") {
                id = try Self.note(&scanner, depth: 1)
            } else if scanner.matches(key, "type") {
                type = try Self.note(&scanner, depth: 1)
            } else if scanner.matches(key, "actor") {
                actor = try Self.note(&scanner, depth: 1)
            } else if scanner.matches(key, "source") {
                source = try Self.note(&scanner, depth: 1)
            } else if scanner.matches(key, "timestamp") {
                timestamp = try Self.note(&scanner, depth: 1)
            } else {
                try scanner.skipValue(depth: 1)
            }
        }
        try scanner.finish()
    }

    private mutating func scanData(_ scanner: inout JSONScanner) throws(JSONError) {
        for slot in arguments.indices { arguments[slot] = nil }
        dataIsObject = scanner.peek() == UInt8(ascii: "{")
        data = scanner.position
        guard dataIsObject else { return try scanner.skipValue(depth: 1) }
        try scanner.object(depth: 1) { (scanner, key) throws(JSONError) in
            let slot = Self.precedence.firstIndex { scanner.matches(key, $0) }
            let argument = try Self.scanArgument(&scanner)
            if let slot {
                arguments[slot] = argument
            } else if argument?.id != nil, arguments[Self.precedence.count] == nil {
                arguments[Self.precedence.count] = argument
            }
        }
    }

    /// One argument; nil when it is no object.
    private static func scanArgument(_ scanner: inout JSONScanner) throws(JSONError) -> Argument? {
        guard scanner.peek() == UInt8(ascii: "{") else {
            try scanner.skipValue(depth: 2)
            return nil
        }
        var argument = Argument()
        try scanner.object(depth: 2) { (scanner, key) throws(JSONError) in
            if scanner.matches(key, "id") {
                argument.id = try stringOrNothing(&scanner)
            } else if scanner.matches(key, "type") {
                let type = try stringOrNothing(&scanner)
                argument.isFile = type.map { scanner.matches($0, "file") }
            } else if scanner.matches(key, "sha256") {
                argument.sha256 = try stringOrNothing(&scanner)
            } else if scanner.matches(key, "file_size") {
                argument.size = try numberOrNothing(&scanner)
            } else {
                try scanner.skipValue(depth: 3)
            }
        }
        return argument
    }

    private static func note(_ scanner: inout JSONScanner, depth: Int) throws(JSONError) -> Noted {
        switch scanner.peek() {
        case UInt8(ascii: "\""):
            return .string(try scanner.string())
        case UInt8(ascii: "n"):
            try scanner.word("null")
            return .null
        default:
            let offset = scanner.position
            try scanner.skipValue(depth: depth)
            return .other(offset: offset)
        }
    }

    private static func stringOrNothing(
        _ scanner: inout JSONScanner
    ) throws(JSONError) -> JSONScanner.StringSlice? {
        if scanner.peek() == UInt8(ascii: "\"") { return try scanner.string() }
        try scanner.skipValue(depth: 3)
        return nil
    }

    private static func numberOrNothing(_ scanner: inout JSONScanner) throws(JSONError) -> Range<Int>? {
        if let byte = scanner.peek(), byte &- 0x30 < 10 { return try scanner.number() }
        try scanner.skipValue(depth: 3)
        return nil
    }
}
