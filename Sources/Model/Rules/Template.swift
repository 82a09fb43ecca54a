// Templates: text with `{{path|filter}}` in URLs, headers, fields, bodies and write-backs. Pure. Parsed once when
// the configuration is read, rendered at each attempt; rendering cannot fail.

/// A parsed template.
package struct Template: Sendable, Equatable {
    /// The template as it was written; secrets are left out.
    package let source: String
    /// Its parts.
    let segments: [Segment]
    /// The template's own text is a JSON object, as in `field.json = {"name":"{{file.file_name}}"}`: rendered for
    /// `.json` it stays one whatever its values.
    package let isJSONObject: Bool

    /// A part of a template.
    enum Segment: Sendable, Equatable {
        /// Text of the configuration.
        case text(String)
        /// A secret's text.
        case secret(String)
        /// `{{…}}`.
        case placeholder(Placeholder)
    }

    /// `{{path|filter|filter:argument}}`.
    struct Placeholder: Sendable, Equatable {
        /// Where the value is.
        var path: ValuePath
        /// What is done to it, in order.
        var filters: [TemplateFilter]
        /// Stands between the quotes of a JSON string, as far as the template's own text is JSON.
        var isInString = false
    }

    /// A template without any placeholder, whatever `literal` looks like.
    package init(literal: String) {
        self.init(source: literal, segments: literal.isEmpty ? [] : [.text(literal)])
    }

    /// A literal that is never shown: `source` says `[secret]`. Join it to others with `+`.
    package init(secret: String) {
        self.init(source: "[secret]", segments: [.secret(secret)])
    }

    /// Parses `text`.
    /// - Throws: `TemplateError` for an unclosed placeholder, a malformed path, an unknown filter.
    package init(parsing text: String) throws(TemplateError) {
        var parser = TemplateParser(text)
        self.init(source: text, segments: try parser.segments())
    }

    /// One template after the other.
    package static func + (left: Template, right: Template) -> Template {
        Template(source: left.source + right.source, segments: left.segments + right.segments)
    }

    /// A template of `segments`.
    init(source: String, segments: [Segment]) {
        self.source = source
        self.segments = Self.markingStrings(segments)
        isJSONObject = Self.beginsLikeAnObject(segments) && Self.jsonProblem(self.segments) == nil
    }

    /// Paths of all placeholders, in order, for static checks.
    package var paths: [String] {
        segments.compactMap {
            if case .placeholder(let placeholder) = $0 { placeholder.path.text } else { nil }
        }
    }

    /// Paths of the placeholders that say nothing for a missing value (`|default:X`).
    package var pathsWithoutDefault: [String] {
        segments.compactMap { segment in
            guard case .placeholder(let placeholder) = segment else { return nil }
            let hasDefault = placeholder.filters.contains { if case .fallback = $0 { true } else { false } }
            return hasDefault ? nil : placeholder.path.text
        }
    }

    /// Without placeholders.
    package var isLiteral: Bool { paths.isEmpty }

    /// Notes which placeholders stand inside a JSON string of the template's own text.
    private static func markingStrings(_ segments: [Segment]) -> [Segment] {
        var isInString = false
        return segments.map { segment in
            switch segment {
            case .secret:
                return segment
            case .placeholder(var placeholder):
                placeholder.isInString = isInString
                return .placeholder(placeholder)
            case .text(let text):
                var isEscaped = false
                for byte in text.utf8 {
                    if isEscaped {
                        isEscaped = false
                    } else if byte == UInt8(ascii: "\\") {
                        isEscaped = isInString
                    } else if byte == UInt8(ascii: "\"") {
                        isInString.toggle()
                    }
                }
                return segment
            }
        }
    }
}
