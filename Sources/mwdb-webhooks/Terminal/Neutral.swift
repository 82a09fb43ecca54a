// Text that strangers chose, made harmless for a terminal: file names, tags, answers of receivers. What could move
// the cursor, change colours, answer for the user or turn the line around is shown as what it is and does nothing.

/// Makes text harmless for a terminal.
enum Neutral {
    /// `text` on one line, without anything that a terminal acts on: control characters as `\n` or `\x1b`, bidirectional
    /// and invisible ones as `\u{202e}`.
    static func line(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isActive) else { return text }
        var output = ""
        for scalar in text.unicodeScalars {
            if isActive(scalar) {
                output += escape(scalar)
            } else {
                output.unicodeScalars.append(scalar)
            }
        }
        return output
    }

    /// Like `line`, but line breaks and tabs stay.
    static func block(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { part in
            part.split(separator: "\t", omittingEmptySubsequences: false).map { line(String($0)) }
                .joined(separator: "\t")
        }.joined(separator: "\n")
    }

    /// `json` with the same characters written as JSON writes them: still the same JSON.
    static func json(_ json: [UInt8]) -> String {
        let text = String(decoding: json, as: UTF8.self)
        guard text.unicodeScalars.contains(where: isActiveInJSON) else { return text }
        var output = ""
        for scalar in text.unicodeScalars {
            guard isActiveInJSON(scalar) else {
                output.unicodeScalars.append(scalar)
                continue
            }
            for unit in String(scalar).utf16 {
                let digits = String(unit, radix: 16)
                output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return output
    }

    private static func isActiveInJSON(_ scalar: Unicode.Scalar) -> Bool {
        scalar != "\n" && isActive(scalar)
    }

    /// Whether a terminal, or the eye, takes `scalar` for more than a character.
    private static func isActive(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7e: false
        // C0, DEL, C1.
        case 0...0x1f, 0x7f...0x9f: true
        // Soft hyphen, Arabic letter mark, Mongolian separator, zero width and bidirectional characters.
        case 0xad, 0x61c, 0x180e, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f, 0xfeff: true
        // Fillers of Hangul and Khmer's inherent vowels: letters that show nothing.
        case 0x115f, 0x1160, 0x17b4, 0x17b5, 0x3164, 0xffa0: true
        // Interlinear annotation, tags, variation selectors and what Unicode keeps for more of their kind.
        case 0xfff9...0xfffb, 0xe0000...0xe0fff: true
        default: false
        }
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        default: break
        }
        let digits = String(scalar.value, radix: 16)
        return scalar.value < 0x100 ? "\\x" + (digits.count < 2 ? "0" : "") + digits : "\\u{\(digits)}"
    }
}
