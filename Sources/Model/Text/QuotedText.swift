// Values in double quotes, as filters and templates take them.

/// Text in double quotes.
enum QuotedText {
    /// Takes a quoted text off the front of `rest`: `\"` is a quote, `\\` a backslash, and any other backslash
    /// stays, so that regular expressions need no doubling. nil when it does not begin with a quote or is not closed.
    static func take(from rest: inout Substring) -> String? {
        guard rest.first == "\"" else { return nil }
        var text = ""
        var index = rest.index(after: rest.startIndex)
        while index < rest.endIndex {
            let character = rest[index]
            let next = rest.index(after: index)
            if character == "\"" {
                rest = rest[next...]
                return text
            }
            if character == "\\", next < rest.endIndex, rest[next] == "\"" || rest[next] == "\\" {
                text.append(rest[next])
                index = rest.index(after: next)
            } else {
                text.append(character)
                index = next
            }
        }
        return nil
    }
}
