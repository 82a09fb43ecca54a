// Reading values out of a JSON tree: by key, by JSON pointer (RFC 6901), by dotted path (`file.tags`).

extension JSON {
    /// The value of the last member called `key`; nil when this is no object or has none.
    package subscript(key: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.key == key }?.value
    }

    /// The value at an RFC 6901 pointer: "" is the whole value, "/a/0/b" goes down; nil when there is none.
    package func pointer(_ pointer: String) -> JSON? {
        nil
    }

    /// The value at a dotted path: keys, and numbers as indices of arrays; nil when there is none.
    package func path(_ path: String) -> JSON? {
        nil
    }

    /// The string, when this is one.
    package var text: String? {
        if case .string(let text) = self { text } else { nil }
    }
}
