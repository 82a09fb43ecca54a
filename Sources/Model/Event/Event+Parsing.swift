// Intake's reading of a line: one pass over the bytes that validates all of it and keeps what routing needs.
// A line that is no event is refused with what is wrong and where; nothing of it is kept then.

extension Event {
    /// Reads an event from one line of JSON (no line break); the line becomes its `body` unchanged.
    ///
    /// `id` is 1 to 64 of `[A-Za-z0-9._-]` (not `.` or `..`), `type` is `on_…` or an operational `word.word`, `data` an object;
    /// `actor`, `source` and `timestamp` may be missing or null.
    /// - Throws: `EventError` saying what is wrong and at which byte.
    package static func parse(line: [UInt8]) throws(EventError) -> Event {
        try line.withUnsafeBufferPointer { (buffer) throws(EventError) in
            var scanner = JSONScanner(buffer)
            var noted = EventScanner()
            guard scanner.peek() == UInt8(ascii: "{") else {
                throw EventError(offset: scanner.position, message: "an event is a JSON object")
            }
            do throws(JSONError) {
                try noted.scan(&scanner)
            } catch {
                throw EventError(offset: error.offset, message: error.message)
            }
            return try Event(noted, scanner, body: line)
        }
    }

    private init(_ noted: EventScanner, _ scanner: JSONScanner, body: [UInt8]) throws(EventError) {
        id = try Self.required(noted.id, "id", scanner) { EventName.isID($0) }
        type = try Self.required(noted.type, "type", scanner) { EventName.isType($0) }
        guard let data = noted.data else { throw EventError(offset: 0, message: "\"data\" is missing") }
        guard noted.dataIsObject else { throw EventError(offset: data, message: "\"data\" is not an object") }
        actor = try Self.optional(noted.actor, "actor", scanner)
        try Self.checkText(noted.source, "source")
        try Self.checkText(noted.timestamp, "timestamp")
        object = Self.object(noted, scanner)
        file = Self.file(noted, scanner)
        self.body = body
    }

    // MARK: Members

    private static func required(
        _ noted: EventScanner.Noted?, _ name: String, _ scanner: JSONScanner,
        valid: (UnsafeBufferPointer<UInt8>) -> Bool
    ) throws(EventError) -> String {
        switch noted {
        case nil:
            throw EventError(offset: 0, message: "\"\(name)\" is missing")
        case .null:
            throw EventError(offset: 0, message: "\"\(name)\" is null")
        case .other(let offset):
            throw EventError(offset: offset, message: "\"\(name)\" is not a string")
        case .string(let slice):
            // Neither may hold a character that needs an escape, so the raw bytes are the string.
            let raw = scanner.buffer(slice.start..<slice.end)
            guard !slice.escaped, valid(raw) else {
                throw EventError(offset: slice.start, message: EventName.rule(name))
            }
            return String(decoding: raw, as: UTF8.self)
        }
    }

    private static func optional(
        _ noted: EventScanner.Noted?, _ name: String, _ scanner: JSONScanner
    ) throws(EventError) -> String? {
        try checkText(noted, name)
        guard case .string(let slice) = noted else { return nil }
        return scanner.decoded(slice)
    }

    private static func checkText(_ noted: EventScanner.Noted?, _ name: String) throws(EventError) {
        guard case .other(let offset) = noted else { return }
        throw EventError(offset: offset, message: "\"\(name)\" is neither a string nor null")
    }

    // MARK: Where the id is

    /// Place of the event's id in its line, without the quotes: of several top-level ones the last, which is the one
    /// that counts. Nil when the line is no event.
    package static func placeOfID(in line: [UInt8]) -> Range<Int>? {
        line.withUnsafeBufferPointer { buffer in
            var scanner = JSONScanner(buffer)
            var noted = EventScanner()
            guard scanner.peek() == UInt8(ascii: "{"), (try? noted.scan(&scanner)) != nil,
                case .string(let slice)? = noted.id
            else { return nil }
            return slice.start..<slice.end
        }
    }

    // MARK: What the event is about

    private static func object(_ noted: EventScanner, _ scanner: JSONScanner) -> String? {
        for argument in noted.arguments {
            guard let id = argument?.id else { continue }
            let raw = scanner.buffer(id.start..<id.end)
            guard !id.escaped, EventName.isObjectID(raw) else { continue }
            return String(decoding: raw, as: UTF8.self)
        }
        return nil
    }

    /// The argument `file`, else `object`, when it is of type file and has a well-formed hash.
    private static func file(_ noted: EventScanner, _ scanner: JSONScanner) -> FileReference? {
        for (slot, argument) in noted.arguments.prefix(2).enumerated() {
            // An argument called `file` is one even when its type could not be read any more.
            guard let argument, argument.isFile ?? (slot == 0) else { continue }
            guard let hash = argument.sha256 else { return nil }
            let raw = scanner.buffer(hash.start..<hash.end)
            guard EventName.isSHA256(raw) else { return nil }
            return FileReference(
                sha256: String(decoding: raw, as: UTF8.self),
                size: argument.size.flatMap { Int64(String(decoding: scanner.buffer($0), as: UTF8.self)) })
        }
        return nil
    }
}
