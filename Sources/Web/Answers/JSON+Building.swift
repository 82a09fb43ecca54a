// Short ways to build the JSON of an answer. Everything a stranger chose is data in it, escaped by its serialiser.

import Model

extension JSON {
    /// An object with these members in this order.
    static func members(_ pairs: KeyValuePairs<String, JSON>) -> JSON {
        .object(pairs.map { Member(key: $0.key, value: $0.value) })
    }

    /// This object with more members after its own.
    func adding(_ pairs: KeyValuePairs<String, JSON>) -> JSON {
        guard case .object(let members) = self else { return self }
        return .object(members + pairs.map { Member(key: $0.key, value: $0.value) })
    }

    /// A number.
    static func integer(_ number: some BinaryInteger) -> JSON { .number(String(number)) }

    /// A number, or null.
    static func integer(_ number: (some BinaryInteger)?) -> JSON {
        number.map { .number(String($0)) } ?? .null
    }

    /// A string, or null.
    static func text(_ text: String?) -> JSON { text.map(JSON.string) ?? .null }

    /// A moment in RFC 3339, or null.
    static func moment(_ moment: Timestamp?) -> JSON { moment.map { .string($0.rfc3339) } ?? .null }

    /// Bytes of unknown kind under `name`: as text when they are UTF-8, otherwise Base64 under `name_base64`.
    static func bytes(_ bytes: [UInt8], named name: String, redaction: (String) -> String) -> Member {
        if let text = String(validating: bytes, as: UTF8.self) {
            return Member(key: name, value: .string(redaction(text)))
        }
        return Member(key: name + "_base64", value: .string(Base64.encode(bytes)))
    }
}
