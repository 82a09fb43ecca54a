// `extract.NAME`: values taken from a receiver's answer. Pure. What is missing or too long is nil; the verdict says
// so, and the write-back that needs it is dead.

/// A parsed extraction such as `json:/task_uid`.
package struct Extraction: Sendable, Equatable {
    /// Name for templates.
    package let name: String
    /// Missing is no error (`NAME?`).
    package let optional: Bool
    /// The extraction as it was written.
    package let source: String
    private let part: AnswerSource

    /// Longest value in bytes.
    package static let limit = 4_096

    /// Parses an extraction; `name` is what stands after `extract.`, with `?` at its end when optional.
    /// - Throws: `ValueError`.
    package init(name: String, source: String) throws(ValueError) {
        optional = name.hasSuffix("?")
        self.name = optional ? String(name.dropLast()) : name
        guard !self.name.isEmpty,
            self.name.utf8.allSatisfy({ $0.isDigit || $0.isLetter || $0 == 0x5F || $0 == 0x2D })
        else {
            throw ValueError(
                "the name of an extraction is letters, digits, _ and -, and ? at its end when optional")
        }
        guard !["event", "plugin", "mwdb"].contains(self.name) else {
            throw ValueError("`\(self.name)` means something else in templates; choose another name")
        }
        self.source = source
        part = try AnswerSource(parsing: source.trimmedBlanks())
    }

    /// The value in `answer`, at most 4,096 bytes; nil when missing, null, empty or longer.
    package func extract(from answer: Answer) -> JSON? {
        var reader = AnswerReader(answer)
        return extract(from: &reader)
    }

    /// The value in the answer behind `reader`.
    func extract(from reader: inout AnswerReader) -> JSON? {
        switch reader.value(of: part) {
        case nil, .null?, .string("")?: return nil
        case .string(let text)?: return text.utf8.count <= Self.limit ? .string(text) : nil
        case let value?: return value.serialised().count <= Self.limit ? value : nil
        }
    }
}
