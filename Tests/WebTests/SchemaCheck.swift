// As much of JSON Schema 2020-12 as the OpenAPI document uses, to hold answers against what is promised of them.

import Model

/// Checks values against the schemas of an OpenAPI document.
struct SchemaCheck {
    let document: JSON

    /// What is wrong with `value` by `schema`; empty: nothing.
    func complaints(_ value: JSON, _ schema: JSON, at path: String = "") -> [String] {
        if let reference = schema["$ref"]?.text {
            guard let target = document.pointer(String(reference.dropFirst())) else {
                return ["\(path): no \(reference)"]
            }
            return complaints(value, target, at: path)
        }
        var found: [String] = []
        if let type = schema["type"], !types(type).contains(where: { matches(value, $0) }) {
            return ["\(path): is no \(types(type))"]
        }
        if case .array(let words)? = schema["enum"], !words.contains(value) {
            found.append("\(path): not in enum")
        }
        if let constant = schema["const"], constant != value { found.append("\(path): not const") }
        if case .array(let all)? = schema["allOf"] {
            for part in all { found += complaints(value, part, at: path) }
        }
        if case .array(let elements) = value, let items = schema["items"] {
            for (index, element) in elements.enumerated() {
                found += complaints(element, items, at: "\(path)/\(index)")
            }
        }
        guard case .object(let members) = value else { return found }
        if case .array(let required)? = schema["required"] {
            for name in required.compactMap(\.text) where value[name] == nil {
                found.append("\(path)/\(name): missing")
            }
        }
        for member in members {
            if let property = schema["properties"]?[member.key] {
                found += complaints(member.value, property, at: "\(path)/\(member.key)")
            } else if let other = schema["additionalProperties"], other != .bool(true) {
                found +=
                    other == .bool(false)
                    ? ["\(path)/\(member.key): unknown"]
                    : complaints(member.value, other, at: "\(path)/\(member.key)")
            }
        }
        return found
    }

    /// Members of `value` that no property of `schema` describes.
    func undescribed(_ value: JSON, _ schema: JSON) -> [String] {
        guard case .object(let members) = value else { return [] }
        let names = properties(schema)
        return members.map(\.key).filter { !names.contains($0) }
    }

    private func properties(_ schema: JSON) -> Set<String> {
        if let reference = schema["$ref"]?.text {
            return properties(document.pointer(String(reference.dropFirst())) ?? .null)
        }
        var names: Set<String> = []
        if case .object(let members)? = schema["properties"] { names.formUnion(members.map(\.key)) }
        if case .array(let all)? = schema["allOf"] { for part in all { names.formUnion(properties(part)) } }
        return names
    }

    private func types(_ type: JSON) -> [String] {
        if case .array(let types) = type { return types.compactMap(\.text) }
        return [type.text ?? ""]
    }

    private func matches(_ value: JSON, _ type: String) -> Bool {
        switch (value, type) {
        case (.null, "null"), (.bool, "boolean"), (.string, "string"), (.array, "array"), (.object, "object"),
            (.number, "number"):
            true
        case (.number(let text), "integer"): Int64(text) != nil
        default: false
        }
    }
}
