// The query of a request, checked: unknown names and values that are not what a parameter wants are a 400 that says
// so, and not a filter that silently matches everything.

import Model

/// Checked query parameters.
struct Query: Sendable {
    private var values: [String: String] = [:]

    /// Reads `text` (what follows `?`) for an operation that knows `parameters`.
    /// - Throws: `Problem` 400.
    init(_ text: Substring?, parameters: [Parameter]) throws(Problem) {
        for pair in (text ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentDecoding.decode(parts[0]),
                let value = PercentDecoding.decode(parts.count > 1 ? parts[1] : "")
            else { throw Problem(400, "the query is not percent-encoded UTF-8") }
            try add(name, value, parameters)
        }
    }

    /// The value of `name`; nil when it is not given.
    func text(_ name: String) -> String? { values[name] }

    /// The value of `name` as a number.
    func integer(_ name: String) -> Int? { values[name].flatMap { Int($0) } }

    /// The value of `name` as a moment.
    func moment(_ name: String) -> Timestamp? { values[name].flatMap { Timestamp(rfc3339: $0) } }

    /// The value of `name`, a list by comma.
    func words(_ name: String) -> [String] {
        values[name].map { $0.split(separator: ",").map(String.init) } ?? []
    }

    private mutating func add(_ name: String, _ value: String, _ parameters: [Parameter]) throws(Problem) {
        guard let parameter = parameters.first(where: { $0.name == name }) else {
            throw Problem(
                400, "there is no query parameter '\(name)'" + Self.hint(name, parameters.map(\.name)))
        }
        guard values.updateValue(value, forKey: name) == nil else {
            throw Problem(400, "the query parameter '\(name)' is given twice")
        }
        if let wanted = parameter.kind.rejects(value) {
            throw Problem(400, "the query parameter '\(name)' must be \(wanted), not '\(value)'")
        }
    }

    /// `; did you mean 'x'?`, or what there is.
    static func hint(_ word: String, _ candidates: [String]) -> String {
        if let nearest = Nearest.match(word, among: candidates) { return "; did you mean '\(nearest)'?" }
        return candidates.isEmpty
            ? "; there are none here" : "; there are: " + candidates.joined(separator: ", ")
    }
}

extension Parameter.Kind {
    /// What a value must be, if `value` is not; nil when it is right.
    func rejects(_ value: String) -> String? {
        switch self {
        case .text:
            // JSON Schema, in which the document says so, counts code points too.
            let isRight = !value.isEmpty && value.unicodeScalars.count <= Parameter.longestText
            return isRight ? nil : "1 to \(Parameter.longestText) characters long"
        case .integer(let range):
            let isRight = Int(value).map { range.contains($0) && String($0) == value } ?? false
            return isRight ? nil : "a number from \(range.lowerBound) to \(range.upperBound)"
        case .moment:
            return Timestamp(rfc3339: value) == nil ? "a moment such as 2026-11-23T18:28:03Z" : nil
        case .words(let words):
            let given = value.split(separator: ",", omittingEmptySubsequences: false)
            let isRight = given.allSatisfy { words.contains(String($0)) }
            return isRight ? nil : "one or more of " + words.joined(separator: ", ")
        }
    }
}
