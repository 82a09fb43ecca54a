// What the daemon answered: JSON to show or to pass on. A problem document becomes a failure in its own words.

import Model

/// A good answer of the daemon.
struct DaemonAnswer: Sendable {
    /// The body as it came.
    let bytes: [UInt8]
    /// The body as a tree.
    let json: JSON

    /// The answer, if it is a good one.
    /// - Throws: `CommandFailure` with the problem's detail.
    init(_ answer: Answer) throws(CommandFailure) {
        let tree = try? JSON.parse(answer.body)
        guard (200..<300).contains(answer.status) else {
            let detail = tree?["detail"]?.text ?? "the daemon answered \(answer.status)"
            throw CommandFailure(Self.explained(detail, tree))
        }
        guard !answer.truncated, let tree else {
            throw CommandFailure("the daemon's answer cannot be read: it is incomplete or no JSON")
        }
        bytes = answer.body
        json = tree
    }

    private static func explained(_ detail: String, _ tree: JSON?) -> String {
        let problems = tree?["problems"]?.elements ?? []
        return ([detail] + problems.map(SettingsProblemLine.text)).joined(separator: "\n")
    }
}

extension JSON {
    /// The elements of an array; none when this is something else.
    var elements: [JSON] {
        if case .array(let elements) = self { elements } else { [] }
    }

    /// The members of an object; none when this is something else.
    var members: [Member] {
        if case .object(let members) = self { members } else { [] }
    }

    /// The number, when this is one that fits.
    var integer: Int? {
        if case .number(let text) = self { Int(text) } else { nil }
    }

    /// This is `true`.
    var isTrue: Bool { self == .bool(true) }

    /// Text and numbers as they are shown; `-` for null and what is missing.
    func shown(_ key: String) -> String {
        switch self[key] {
        case .string(let text)?: text
        case .number(let text)?: text
        case .bool(let flag)?: flag ? "yes" : "no"
        default: "-"
        }
    }

    /// A moment as it is shown.
    func moment(_ key: String) -> String {
        self[key]?.text.map(Wording.moment) ?? "-"
    }
}
