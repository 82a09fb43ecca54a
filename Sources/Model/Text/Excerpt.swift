// A short, harmless piece of what a receiver sent, for reasons, logs and terminals.

/// Excerpts of strangers' text.
package enum Excerpt {
    /// At most `limit` characters of the beginning of `bytes` on one line: control characters and marks of text
    /// direction are left out, white space is one space, `…` says that there was more. Secrets are taken out before
    /// the text is cut; `isCut`: `bytes` are themselves the beginning of something longer.
    package static func of(
        _ bytes: [UInt8], limit: Int = 200, redaction: Redaction, isCut: Bool = false
    ) -> String {
        // Enough for `limit` characters unless most are dropped; never a scan of megabytes.
        let isLonger = bytes.count > limit * 16
        let head = redaction.redact(
            isLonger ? Array(bytes[..<(limit * 16)]) : bytes, isCut: isCut || isLonger)
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
        return String(output) + (isLonger ? "…" : "")
    }

    private static func isDropped(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control: !scalar.properties.isWhitespace
        case .format, .surrogate, .privateUse, .unassigned: true
        default: false
        }
    }
}
