// Takes a template's text apart. Everything outside `{{` and `}}` is literal, a lone brace too.

/// Reads a template from left to right.
struct TemplateParser {
    private let text: String
    private var rest: Substring

    /// A parser at the beginning of `text`.
    init(_ text: String) {
        self.text = text
        rest = text[...]
    }

    /// All segments.
    /// - Throws: `TemplateError` for an unclosed placeholder, a malformed path, an unknown filter.
    mutating func segments() throws(TemplateError) -> [Template.Segment] {
        var segments: [Template.Segment] = []
        while let open = rest.firstRange(of: "{{") {
            if open.lowerBound > rest.startIndex {
                segments.append(.text(String(rest[..<open.lowerBound])))
            }
            let start = open.lowerBound
            rest = rest[open.upperBound...]
            segments.append(.placeholder(try placeholder(from: start)))
        }
        if !rest.isEmpty { segments.append(.text(String(rest))) }
        return segments
    }

    private mutating func placeholder(from start: String.Index) throws(TemplateError) -> Template.Placeholder
    {
        let path = try part(of: start)
        guard ValuePath.isValid(path) else {
            throw error(start, path.isEmpty ? "`{{}}` names no value" : "`\(path)` is no path to a value")
        }
        var filters: [TemplateFilter] = []
        while rest.first == "|" {
            rest = rest.dropFirst()
            filters.append(try filter(at: rest.startIndex, placeholder: start))
        }
        rest = rest.dropFirst(2)
        return Template.Placeholder(path: ValuePath(path), filters: filters)
    }

    private mutating func filter(
        at position: String.Index, placeholder start: String.Index
    ) throws(TemplateError) -> TemplateFilter {
        let part = try part(of: start)
        let name = String(part.prefix { $0 != ":" })
        let argument = part.dropFirst(name.count + 1)
        let hasArgument = part.contains(":")
        if let filter = TemplateFilter(
            name: name.trimmedBlanks(), argument: hasArgument ? argument.trimmedBlanks() : nil)
        {
            return filter
        }
        guard TemplateFilter.names.contains(name.trimmedBlanks()) else {
            throw error(
                position,
                "there is no filter `\(name)` (json, url, base64, slack, default:X)"
                    + Nearest.suggestion(name, among: TemplateFilter.names))
        }
        throw error(
            position,
            hasArgument
                ? "the filter `\(name)` takes no argument" : "the filter `default` wants a value: default:X")
    }

    /// Text up to the next `|` or `}}` that is not in quotes, without white space around it; `rest` then stands
    /// at the `|` or `}}`.
    private mutating func part(of start: String.Index) throws(TemplateError) -> String {
        var index = rest.startIndex
        var isQuoted = false
        while index < rest.endIndex {
            let character = rest[index]
            if character == "\\", isQuoted {
                index = rest.index(after: index)
                guard index < rest.endIndex else { break }
            } else if character == "\"" {
                isQuoted.toggle()
            } else if !isQuoted, character == "|" || rest[index...].hasPrefix("}}") {
                let part = rest[..<index].trimmedBlanks()
                rest = rest[index...]
                return part
            }
            index = rest.index(after: index)
        }
        throw error(start, "the placeholder is not closed by `}}`")
    }

    private func error(_ position: String.Index, _ message: String) -> TemplateError {
        TemplateError(offset: text.distance(from: text.startIndex, to: position), message: message)
    }
}
