// Takes secrets out of text that is shown: log lines, API answers, command output. Receivers may echo what we
// sent them, so whatever holds text of an exchange passes through here before it is stored or shown.

/// Replaces known secrets in text.
package struct Redaction: Sendable, Equatable {
    /// What stands in a secret's place.
    package static let mark = "[redacted]"
    /// Secrets shorter than this many bytes are not looked for: they would hit ordinary words.
    package static let shortest = 4

    /// UTF-8 bytes of the secrets, longest first, so that a secret within another is not cut out of it.
    private let secrets: [[UInt8]]
    /// Whether some secret begins with the byte: most bytes of a text are passed over by this alone.
    private let begins: [Bool]

    /// Redacts each of `secrets`.
    package init(_ secrets: Set<String>) {
        let sorted = secrets.map { Array($0.utf8) }
            .filter { $0.count >= Redaction.shortest }
            .sorted { $0.count != $1.count ? $0.count > $1.count : $0.lexicographicallyPrecedes($1) }
        var begins = [Bool](repeating: false, count: 256)
        for secret in sorted { begins[Int(secret[0])] = true }
        self.secrets = sorted
        self.begins = begins
    }

    /// `text` with each secret replaced by `mark`.
    package func redact(_ text: String) -> String {
        guard !secrets.isEmpty else { return text }
        let bytes = Array(text.utf8)
        guard let redacted = replaced(in: bytes) else { return text }
        return String(decoding: redacted, as: UTF8.self)
    }

    /// `bytes` with each secret replaced by `mark`.
    package func redact(_ bytes: [UInt8]) -> [UInt8] {
        replaced(in: bytes) ?? bytes
    }

    /// nil when there was nothing to replace.
    private func replaced(in bytes: [UInt8]) -> [UInt8]? {
        var output: [UInt8] = []
        var kept = 0
        var index = 0
        while index < bytes.count {
            guard begins[Int(bytes[index])], let length = secretLength(in: bytes, at: index) else {
                index += 1
                continue
            }
            output += bytes[kept..<index]
            output += Redaction.mark.utf8
            index += length
            kept = index
        }
        guard kept > 0 else { return nil }
        return output + bytes[kept...]
    }

    private func secretLength(in bytes: [UInt8], at index: Int) -> Int? {
        for secret in secrets
        where secret[0] == bytes[index] && secret.count <= bytes.count - index
            && bytes[index..<index + secret.count].elementsEqual(secret)
        {
            return secret.count
        }
        return nil
    }
}
