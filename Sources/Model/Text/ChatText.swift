// Text for Slack and Mattermost that an attacker may have chosen: a tag, a comment, a file name. It must read as
// what it is and do nothing: no mention, no link, no formatting, no second line, no reversed file name.

/// Text for chat systems; the template filter `slack`.
package enum ChatText {
    /// `text` with `& < >` as Slack's entities (docs.slack.dev, "Escaping text"), so that `<!channel>`, `<@U1>`
    /// and `<url|text>` are only text; a zero-width space after `@` (Mattermost mentions without brackets);
    /// formatting characters as look-alikes, an underscore only at the edge of a word; Markdown's `](` parted;
    /// control characters and line breaks as spaces; marks of text direction removed.
    package static func escaped(_ text: String) -> String {
        var output = String.UnicodeScalarView()
        let scalars = Array(text.unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            switch scalar {
            case "&": output.append(contentsOf: "&amp;".unicodeScalars)
            case "<": output.append(contentsOf: "&lt;".unicodeScalars)
            case ">": output.append(contentsOf: "&gt;".unicodeScalars)
            case "@", "]": output.append(contentsOf: [scalar, "\u{200B}"])
            case "*": output.append("\u{2217}")
            case "~": output.append("\u{223C}")
            case "`": output.append("\u{02CB}")
            case "_": output.append(isInsideWord(index, scalars) ? scalar : "\u{FF3F}")
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}": output.append(" ")
            case "\u{200E}", "\u{200F}", "\u{061C}", "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": break
            default: output.append(scalar)
            }
        }
        return String(output)
    }

    private static func isInsideWord(_ index: Int, _ scalars: [Unicode.Scalar]) -> Bool {
        func isWord(_ at: Int) -> Bool {
            scalars.indices.contains(at)
                && (scalars[at].properties.isAlphabetic || scalars[at].properties.numericType != nil)
        }
        return isWord(index - 1) && isWord(index + 1)
    }
}
