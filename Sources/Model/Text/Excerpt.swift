// A short, harmless piece of what a receiver sent, for reasons, logs and terminals.

/// Excerpts of strangers' text.
package enum Excerpt {
    /// At most `limit` characters of the beginning of `bytes` on one line: control characters and marks of text
    /// direction are left out, white space is one space, `…` says that there was more.
    package static func of(_ bytes: [UInt8], limit: Int = 200) -> String {
        // Enough for `limit` characters unless most are dropped; never a scan of megabytes.
        let head = bytes.prefix(limit * 16)
        var output = String.UnicodeScalarView()
        var pendingSpace = false
        var length = 0
        for scalar in String(decoding: head, as: UTF8.self).unicodeScalars where !isDropped(scalar) {
            if scalar.properties.isWhitespace {
                pendingSpace = length > 0
                continue
            }
            guard length + (pendingSpace ? 2 : 1) <= limit else { return String(output) + "…" }
            if pendingSpace { output.append(" ") }
            output.append(scalar)
            length += pendingSpace ? 2 : 1
            pendingSpace = false
        }
        return String(output) + (head.count < bytes.count ? "…" : "")
    }

    private static func isDropped(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control: !scalar.properties.isWhitespace
        case .format, .surrogate, .privateUse, .unassigned: true
        default: false
        }
    }
}
