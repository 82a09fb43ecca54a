// The JSON object in the body of an operator's request, checked: unknown members and wrong types are a 400.

import Model

/// Members of a request's JSON object.
struct Fields {
    private let members: JSON

    /// Largest object: a list of some ten thousand delivery names.
    private static let longest = 4 << 20

    /// Reads the body; an empty one is an object without members.
    /// - Throws: `Problem` 400, `BodyError`.
    init(_ body: BodyReader, allowed: [String]) async throws {
        let bytes = try await body.collect(upTo: Fields.longest)
        guard !bytes.isEmpty else {
            members = .object([])
            return
        }
        do {
            members = try JSON.parse(bytes)
        } catch {
            throw Problem(400, "the body is no JSON: \(error)")
        }
        guard case .object(let found) = members else { throw Problem(400, "the body must be a JSON object") }
        for member in found where !allowed.contains(member.key) {
            throw Problem(400, "there is no member '\(member.key)'" + Query.hint(member.key, allowed))
        }
    }

    /// The members in a line, for the audit log; a long list is cut.
    var summary: String {
        let text = String(decoding: members.serialised(), as: UTF8.self)
        return text.count <= 500 ? text : text.prefix(500) + "…"
    }

    /// Whether a member is given.
    func has(_ name: String) -> Bool { members[name] != nil && members[name] != .null }

    /// A string; nil when missing or null.
    func text(_ name: String) throws(Problem) -> String? {
        switch members[name] {
        case nil, .null?: return nil
        case .string(let text)?: return text
        default: throw Problem(400, "'\(name)' must be a string")
        }
    }

    /// A Boolean; false when missing.
    func flag(_ name: String) throws(Problem) -> Bool {
        switch members[name] {
        case nil, .null?: return false
        case .bool(let flag)?: return flag
        default: throw Problem(400, "'\(name)' must be true or false")
        }
    }

    /// A number within `range`; nil when missing or null.
    func integer(_ name: String, in range: ClosedRange<Int>) throws(Problem) -> Int? {
        switch members[name] {
        case nil, .null?: return nil
        case .number(let text)?:
            if let number = Int(text), range.contains(number) { return number }
            fallthrough
        default:
            throw Problem(400, "'\(name)' must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
    }

    /// A moment; nil when missing or null.
    func moment(_ name: String) throws(Problem) -> Timestamp? {
        guard let text = try text(name) else { return nil }
        guard let moment = Timestamp(rfc3339: text) else {
            throw Problem(400, "'\(name)' must be a moment such as 2026-11-23T18:28:03Z")
        }
        return moment
    }

    /// A list of strings; a single string is a list of one; nil when missing or null.
    func texts(_ name: String) throws(Problem) -> [String]? {
        switch members[name] {
        case nil, .null?: return nil
        case .string(let text)?: return [text]
        case .array(let elements)?:
            let texts = elements.compactMap(\.text)
            guard texts.count == elements.count else {
                throw Problem(400, "'\(name)' must be a list of strings")
            }
            return texts
        default: throw Problem(400, "'\(name)' must be a list of strings")
        }
    }
}
