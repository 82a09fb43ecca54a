// Takes secrets out of text that is shown: log lines, API answers, command output. Receivers may echo what we
// sent them, so whatever holds text of an exchange passes through here before it is stored or shown, and before it
// is cut: half a secret would not be found.

/// Replaces known secrets in text, also where JSON, a URL or HTML has escaped them.
package struct Redaction: Sendable, Equatable {
    /// What stands in a secret's place.
    package static let mark = "[redacted]"
    /// Secrets shorter than this many bytes are not looked for: they would hit ordinary words.
    package static let shortest = 4
    /// Replaces nothing.
    package static let none = Redaction([])

    /// UTF-8 of the secrets by their first byte, longest first, so that a secret within another is not cut out of it.
    private let secrets: [[Secret]]
    /// Whether a secret may begin with the byte: most bytes of a text are passed over by this alone.
    private let begins: [Bool]
    /// Whether it may go on with the second byte of a pair, the first one times 256: most others are passed over by this.
    private let goesOn: [Bool]

    /// A secret as it is looked for.
    private struct Secret: Sendable, Equatable {
        let bytes: [UInt8]
        /// A part of it may look like an escape.
        let looksEscaped: Bool
    }

    /// Redacts each of `secrets`.
    package init(_ secrets: Set<String>) {
        let sorted = secrets.map { Array($0.utf8) }
            .filter { $0.count >= Redaction.shortest }
            .sorted { $0.count != $1.count ? $0.count > $1.count : $0.lexicographicallyPrecedes($1) }
        var table = [[Secret]](repeating: [], count: sorted.isEmpty ? 0 : 256)
        for bytes in sorted {
            table[Int(bytes[0])].append(
                Secret(bytes: bytes, looksEscaped: bytes.contains(where: EscapedUnit.mayBegin)))
        }
        self.secrets = table
        begins = table.indices.map { !table[$0].isEmpty || EscapedUnit.mayBegin(UInt8($0)) }
        goesOn = Self.pairs(table)
    }

    private static func pairs(_ table: [[Secret]]) -> [Bool] {
        let leaders = (UInt8.min...UInt8.max).filter { EscapedUnit.mayBegin($0) }
        var pairs = [Bool](repeating: false, count: table.count * 256)
        for first in table.indices where !table[first].isEmpty {
            for secret in table[first] { pairs[first << 8 | Int(secret.bytes[1])] = true }
            for second in leaders { pairs[first << 8 | Int(second)] = true }
        }
        // Behind what begins an escape there may be anything.
        for first in leaders where !table.isEmpty {
            for second in 0...255 { pairs[Int(first) << 8 | second] = true }
        }
        return pairs
    }

    /// `text` with each secret replaced by `mark`.
    package func redact(_ text: String) -> String {
        guard !secrets.isEmpty else { return text }
        let bytes = Array(text.utf8)
        guard let redacted = replaced(in: bytes, isCut: false) else { return text }
        return String(decoding: redacted, as: UTF8.self)
    }

    /// `bytes` with each secret replaced by `mark`; where the text was cut, also what may be the beginning of one at
    /// its end.
    package func redact(_ bytes: [UInt8], isCut: Bool = false) -> [UInt8] {
        guard !secrets.isEmpty else { return bytes }
        return replaced(in: bytes, isCut: isCut) ?? bytes
    }

    /// `value` with each secret replaced by `mark` wherever it stands; `isCut` as above.
    package func redact(_ value: JSON, isCut: Bool = false) -> JSON {
        guard !secrets.isEmpty else { return value }
        func text(_ text: String) -> String {
            replaced(in: Array(text.utf8), isCut: isCut).map { String(decoding: $0, as: UTF8.self) } ?? text
        }
        switch value {
        case .string(let string): return .string(text(string))
        case .number(let number):
            let shown = text(number)
            return shown == number ? value : .string(shown)
        case .array(let elements): return .array(elements.map { redact($0, isCut: isCut) })
        case .object(let members):
            return .object(
                members.map { .init(key: text($0.key), value: redact($0.value, isCut: isCut)) })
        case .null, .bool: return value
        }
    }

    /// nil when there was nothing to replace.
    private func replaced(in bytes: [UInt8], isCut: Bool) -> [UInt8]? {
        var output: [UInt8] = []
        var kept = 0
        var index = 0
        while index + 1 < bytes.count {
            guard begins[Int(bytes[index])],
                goesOn[Int(bytes[index]) << 8 | Int(bytes[index + 1])],
                let end = endOfSecret(in: bytes, at: index, isCut: isCut)
            else {
                index += 1
                continue
            }
            output += bytes[kept..<index]
            output += Redaction.mark.utf8
            index = end
            kept = end
        }
        guard kept > 0 else { return nil }
        return output + bytes[kept...]
    }

    /// Behind the longest secret that begins at `index`.
    private func endOfSecret(in bytes: [UInt8], at index: Int, isCut: Bool) -> Int? {
        var end = end(of: secrets[Int(bytes[index])], in: bytes, at: index, isCut: isCut)
        if case .unit(let unit) = EscapedUnit.read(bytes, at: index), unit.firstByte != bytes[index] {
            let escaped = self.end(of: secrets[Int(unit.firstByte)], in: bytes, at: index, isCut: isCut)
            end = [end, escaped].compactMap { $0 }.max()
        }
        return end
    }

    private func end(of candidates: [Secret], in bytes: [UInt8], at index: Int, isCut: Bool) -> Int? {
        var longest: Int?
        for secret in candidates {
            if let end = end(of: secret.bytes, in: bytes, at: index, isCut: isCut, unescaping: true) {
                longest = max(end, longest ?? end)
            }
            if secret.looksEscaped,
                let end = end(of: secret.bytes, in: bytes, at: index, isCut: isCut, unescaping: false)
            {
                longest = max(end, longest ?? end)
            }
        }
        return longest
    }

    private func end(
        of secret: [UInt8], in bytes: [UInt8], at index: Int, isCut: Bool, unescaping: Bool
    ) -> Int? {
        var position = index
        var matched = 0
        while matched < secret.count {
            guard position < bytes.count else {
                return isCut && matched >= Redaction.shortest ? position : nil
            }
            if unescaping, EscapedUnit.mayBegin(bytes[position]) {
                switch EscapedUnit.read(bytes, at: position) {
                case .unit(let unit) where unit.stands(in: secret, at: matched):
                    matched += unit.byteCount
                    position += unit.length
                    continue
                case .endsEarly where isCut && matched >= Redaction.shortest:
                    return bytes.count
                default: break
                }
            }
            guard bytes[position] == secret[matched] else { return nil }
            matched += 1
            position += 1
        }
        return position
    }
}
