// Reading values out of a JSON tree: by key, by JSON pointer (RFC 6901), by dotted path (`file.tags`).

extension JSON {
    /// The value of the last member called `key`; nil when this is no object or has none.
    package subscript(key: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.key == key }?.value
    }

    /// The element at `index`; nil when this is no array or shorter.
    package subscript(index: Int) -> JSON? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    /// The value at an RFC 6901 pointer: "" is the whole value, "/a/0/b" goes down; nil when there is none
    /// or the pointer is not one.
    package func pointer(_ pointer: String) -> JSON? {
        guard let tokens = Self.tokens(ofPointer: pointer) else { return nil }
        return value(at: tokens)
    }

    /// The value at a dotted path: keys, and numbers as indices of arrays; nil when there is none.
    package func path(_ path: String) -> JSON? {
        value(at: path.split(separator: ".", omittingEmptySubsequences: false).map(String.init))
    }

    /// The value reached by going down `steps`: keys of objects, indices of arrays.
    package func value(at steps: some Sequence<String>) -> JSON? {
        var current = self
        for step in steps {
            guard let next = current.child(step) else { return nil }
            current = next
        }
        return current
    }

    /// The string, when this is one.
    package var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// Whether `text` is an RFC 6901 pointer.
    package static func isPointer(_ text: String) -> Bool { tokens(ofPointer: text) != nil }

    /// The tokens of an RFC 6901 pointer, unescaped; nil when it neither is empty nor begins with `/`, or
    /// holds a `~` that is neither `~0` nor `~1`.
    static func tokens(ofPointer pointer: String) -> [String]? {
        if pointer.isEmpty { return [] }
        guard pointer.utf8.first == UInt8(ascii: "/") else { return nil }
        var tokens: [String] = []
        for raw in pointer.utf8.dropFirst().split(separator: 0x2F, omittingEmptySubsequences: false) {
            guard let token = unescaped(token: raw) else { return nil }
            tokens.append(token)
        }
        return tokens
    }

    private static func unescaped(token: Substring.UTF8View.SubSequence) -> String? {
        var bytes: [UInt8] = []
        var iterator = token.makeIterator()
        while let byte = iterator.next() {
            guard byte == UInt8(ascii: "~") else {
                bytes.append(byte)
                continue
            }
            switch iterator.next() {
            case UInt8(ascii: "0"): bytes.append(UInt8(ascii: "~"))
            case UInt8(ascii: "1"): bytes.append(UInt8(ascii: "/"))
            default: return nil
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func child(_ step: String) -> JSON? {
        switch self {
        case .object: self[step]
        case .array: Self.index(step).flatMap { self[$0] }
        default: nil
        }
    }

    /// RFC 6901: digits without a leading zero.
    static func index(_ step: String) -> Int? {
        let digits = step.utf8
        guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        guard digits.count == 1 || digits.first != 0x30 else { return nil }
        return Int(step)
    }
}
