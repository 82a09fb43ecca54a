// How many columns text takes on a terminal, and how to cut it to fit. Independent of the locale.

/// Widths on a terminal.
enum Columns {
    /// Columns of `text`, which holds no control characters.
    static func width(_ text: String) -> Int {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
        return text.unicodeScalars.reduce(0) { $0 + width($1) }
    }

    /// `text` cut to `limit` columns, with `…` where something was cut off.
    static func cut(_ text: String, to limit: Int) -> String {
        guard width(text) > limit else { return text }
        var output = String.UnicodeScalarView()
        var used = 0
        for scalar in text.unicodeScalars {
            let columns = width(scalar)
            guard used + columns < limit else { break }
            output.append(scalar)
            used += columns
        }
        return String(output) + "…"
    }

    /// 0 for what is written over its neighbour, 2 for East Asian wide characters (UAX 11) and emoji, 1 otherwise.
    private static func width(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        default: break
        }
        switch scalar.value {
        case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xa960...0xa97f, 0xac00...0xd7a3,
            0xf900...0xfaff,
            0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1f64f, 0x1f680...0x1f6ff,
            0x1f900...0x1faff, 0x20000...0x3fffd:
            return 2
        default:
            return 1
        }
    }
}
