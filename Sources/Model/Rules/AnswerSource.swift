// What conditions and extractions look at in an answer: `json:/pointer`, `header:NAME`, `status`, `body`, `regex:RE`.

/// A part of an answer.
enum AnswerSource: Sendable, Equatable {
    /// `json:/pointer`: the value there, when the body is JSON.
    case json(pointer: [String])
    /// `header:NAME`: the first header field of that name.
    case header(String)
    /// `regex:RE`: the first group of the first match in the body, else the match.
    case regex(Pattern)
    /// `status`: the status as a number.
    case status
    /// `body`: the body as text.
    case body

    /// Reads a source.
    /// - Throws: `ValueError`.
    init(parsing text: String) throws(ValueError) {
        let kind = text.prefix { $0 != ":" }
        let argument = String(text.dropFirst(kind.count + 1))
        switch (String(kind), text.contains(":")) {
        case ("status", false): self = .status
        case ("body", false): self = .body
        case ("json", true):
            guard let tokens = JSON.tokens(ofPointer: argument) else {
                throw ValueError("`\(argument)` is no JSON pointer; it looks like /data/task_ids/0")
            }
            self = .json(pointer: tokens)
        case ("header", true):
            guard !argument.isEmpty, argument.utf8.allSatisfy(Self.isToken) else {
                throw ValueError("`\(argument)` is no header name")
            }
            self = .header(argument.lowercased())
        case ("regex", true):
            guard !argument.isEmpty else { throw ValueError("the regular expression is empty") }
            self = .regex(try Pattern(parsing: argument))
        default:
            throw ValueError("`\(text)` is not json:/pointer, header:NAME or regex:RE")
        }
    }

    /// RFC 9110, 5.6.2.
    private static func isToken(_ byte: UInt8) -> Bool {
        byte.isDigit || byte.isLetter || "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
}

/// An answer whose body is decoded as text at most once, however many conditions ask.
struct AnswerReader {
    private let answer: Answer
    private lazy var text = String(decoding: Self.withoutMark(answer.body), as: UTF8.self)

    /// A reader of `answer`.
    init(_ answer: Answer) {
        self.answer = answer
    }

    /// The value of `source`; nil when there is none.
    mutating func value(of source: AnswerSource) -> JSON? {
        switch source {
        case .json(let pointer): JSONText(answer.body).value(at: pointer)
        case .header(let name): answer.header(name).map(JSON.string)
        case .regex(let pattern): pattern.capture(in: text).map(JSON.string)
        case .status: .number(String(answer.status))
        case .body: .string(text)
        }
    }

    /// Some receivers put a byte order mark in front.
    private static func withoutMark(_ body: [UInt8]) -> ArraySlice<UInt8> {
        body.starts(with: [0xEF, 0xBB, 0xBF]) ? body.dropFirst(3) : body[...]
    }
}
