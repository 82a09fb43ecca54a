// The filters of templates: what happens to a value between its path and the text.

/// One filter of a placeholder.
enum TemplateFilter: Sendable, Equatable {
    /// `json`: a string's contents as they stand between the quotes of a JSON string; anything else as JSON.
    case json
    /// `url`: percent-encoded.
    case url
    /// `base64`: of the text in UTF-8.
    case base64
    /// `slack`: harmless in a chat message.
    case slack
    /// `default:X`: X when the value is missing, null or "". Numbers, `true` and `false` keep their type.
    case fallback(JSON)

    /// Names of all filters.
    static let names = ["json", "url", "base64", "slack", "default"]

    /// The filter `name` with its argument; nil when there is none of that name or the argument does not fit.
    init?(name: String, argument: String?) {
        switch (name, argument) {
        case ("json", nil): self = .json
        case ("url", nil): self = .url
        case ("base64", nil): self = .base64
        case ("slack", nil): self = .slack
        case ("default", let argument?): self = .fallback(Self.typed(argument))
        default: return nil
        }
    }

    /// A quoted argument without its quotes is a string; bare numbers, `true` and `false` are what they look like.
    private static func typed(_ argument: String) -> JSON {
        var rest = argument[...]
        if let quoted = QuotedText.take(from: &rest), rest.isEmpty { return .string(quoted) }
        switch try? JSON.parse(Array(argument.utf8)) {
        case .number(let number)?: return .number(number)
        case .bool(let value)?: return .bool(value)
        default: return .string(argument)
        }
    }
}
