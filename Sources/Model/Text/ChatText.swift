// Text for Slack and Mattermost that an attacker may have chosen: a tag, a comment, a file name. It must read as
// what it is and do nothing: no mention, no link, no formatting, no second line, no reversed file name.

/// Text for chat systems; the template filter `slack`.
package enum ChatText {
    /// `text` with `& < >` as Slack's entities (docs.slack.dev, "Escaping text"), so that `<!channel>`, `<@U1>`
    /// and `<url|text>` are only text; a zero-width space after `@` (Mattermost mentions without brackets);
    /// another where `://` or `www.` would make an address a link; formatting characters as look-alikes, an underscore only at the edge of a word; Markdown's `](` parted;
    /// control characters and line breaks as spaces; marks of text direction removed.
    package static func escaped(_ text: String) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count + 16)
        var before: Unicode.Scalar?
        var lettersW = 0
        var scalars = text.unicodeScalars.lazy.filter { !isDropped($0) }.makeIterator()
        var next = scalars.next()
        while let scalar = next {
            next = scalars.next()
            if scalar == "_" {
                let isInsideWord = isWord(before) && isWord(next)
                output.append(contentsOf: (isInsideWord ? "_" : "\u{FF3F}").utf8)
            } else {
                append(scalar, to: &output)
            }
            if scalar == ":" && next == "/" || scalar == "." && lettersW >= 3 {
                output.append(contentsOf: "\u{200B}".utf8)
            }
            lettersW = scalar == "w" || scalar == "W" ? lettersW + 1 : 0
            before = scalar
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func append(_ scalar: Unicode.Scalar, to output: inout [UInt8]) {
        switch scalar {
        case "&": output.append(contentsOf: "&amp;".utf8)
        case "<": output.append(contentsOf: "&lt;".utf8)
        case ">": output.append(contentsOf: "&gt;".utf8)
        case "@": output.append(contentsOf: "@\u{200B}".utf8)
        case "]": output.append(contentsOf: "]\u{200B}".utf8)
        case "*": output.append(contentsOf: "\u{2217}".utf8)
        case "~": output.append(contentsOf: "\u{223C}".utf8)
        case "`": output.append(contentsOf: "\u{02CB}".utf8)
        case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}": output.append(UInt8(ascii: " "))
        case "\u{20}"..."\u{7E}": output.append(UInt8(truncatingIfNeeded: scalar.value))
        default: output.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        }
    }

    /// Marks of text direction.
    private static func isDropped(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\u{200E}", "\u{200F}", "\u{061C}", "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": true
        default: false
        }
    }

    private static func isWord(_ scalar: Unicode.Scalar?) -> Bool {
        guard let scalar else { return false }
        return scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }
}
