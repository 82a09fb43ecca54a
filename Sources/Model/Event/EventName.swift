// What ids, types and hashes may look like. They become header values, index keys and (hashes) paths, so the
// rules are narrow. Pure checks on bytes.

/// Rules for the words that identify events.
package enum EventName {
    /// 1 to 64 of `[A-Za-z0-9._-]`, but neither `.` nor `..`: an id is part of a URL, where these mean folders.
    package static func isID(_ bytes: some Collection<UInt8>) -> Bool {
        (1...64).contains(bytes.count) && bytes.allSatisfy(isIDByte)
            && !(bytes.count <= 2 && bytes.allSatisfy { $0 == 0x2E })
    }

    /// `on_` and 1 to 60 of `[a-z0-9_]`, or an operational event: `[a-z]+.[a-z_]+`, at most 64 bytes.
    package static func isType(_ bytes: some Collection<UInt8>) -> Bool {
        guard bytes.count <= 64 else { return false }
        if bytes.starts(with: "on_".utf8) {
            let rest = bytes.dropFirst(3)
            return (1...60).contains(rest.count)
                && rest.allSatisfy { isLower($0) || isDigit($0) || $0 == 0x5F }
        }
        guard let dot = bytes.firstIndex(of: UInt8(ascii: ".")) else { return false }
        let noun = bytes[..<dot]
        let verb = bytes[dot...].dropFirst()
        return !noun.isEmpty && noun.allSatisfy(isLower)
            && !verb.isEmpty && verb.allSatisfy { isLower($0) || $0 == 0x5F }
    }

    /// 64 lower-case hex digits.
    package static func isSHA256(_ bytes: some Collection<UInt8>) -> Bool {
        bytes.count == 64 && bytes.allSatisfy { isDigit($0) || (0x61...0x66).contains($0) }
    }

    /// 1 to 128 visible ASCII characters: MWDB's are hashes, but nothing else relies on that.
    static func isObjectID(_ bytes: some Collection<UInt8>) -> Bool {
        (1...128).contains(bytes.count) && bytes.allSatisfy { (0x21...0x7E).contains($0) }
    }

    /// The rule for the member `name`, for error messages.
    static func rule(_ name: String) -> String {
        name == "id"
            ? "\"id\" is not 1 to 64 characters of A-Z a-z 0-9 . _ -, or it is . or .."
            : "\"type\" is neither a hook (on_…) nor an operational event (word.word)"
    }

    private static func isLower(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isIDByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || isLower(byte | 0x20) || byte == 0x2E || byte == 0x2D || byte == 0x5F
    }
}
