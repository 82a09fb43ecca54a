// File names of multipart parts, made safe: they are an attacker's choice and stand inside a quoted header
// parameter. Encoded as WHATWG's form-data encoding does it, which every receiver's parser knows.

/// Multipart file names.
package enum Filename {
    /// Longest file name in bytes.
    package static let limit = 200

    /// `name` with `"`, CR and LF percent-encoded, other control characters (C0, DEL, C1) as `_`, cut to 200
    /// bytes at a character; `fallback`, treated likewise, when it is empty.
    package static func sanitised(_ name: String, fallback: String) -> String {
        let safe = sanitised(name)
        return safe.isEmpty ? sanitised(fallback) : safe
    }

    private static func sanitised(_ name: String) -> String {
        var result = ""
        var length = 0
        // A character longer than what is left ends the name: one may be kilobytes of combining marks.
        for character in name {
            let piece = encoded(character)
            guard length + piece.utf8.count <= limit else { break }
            length += piece.utf8.count
            result += piece
        }
        return result
    }

    private static func encoded(_ character: Character) -> String {
        var piece = String.UnicodeScalarView()
        for scalar in character.unicodeScalars {
            switch scalar {
            case "\"": piece.append(contentsOf: "%22".unicodeScalars)
            case "\r": piece.append(contentsOf: "%0D".unicodeScalars)
            case "\n": piece.append(contentsOf: "%0A".unicodeScalars)
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}": piece.append("_")
            default: piece.append(scalar)
            }
        }
        return String(piece)
    }
}
