// Text from a template and the values of one event. A value goes in once, encoded for where the text is used; what
// it holds is never read as template, header, URL or JSON syntax.

extension Template {
    /// Text with every placeholder replaced; values are encoded for `purpose` and never expanded again;
    /// missing ones are empty.
    package func render(_ context: TemplateContext, purpose: TemplatePurpose = .plain) -> String {
        Self.render(segments, context, purpose: purpose)
    }

    /// The text of `segments`.
    static func render(
        _ segments: [Segment], _ context: TemplateContext, purpose: TemplatePurpose
    ) -> String {
        var output = ""
        var isInPath = true
        for segment in segments {
            switch segment {
            case .text(let text):
                isInPath = isInPath && !endsPath(text)
                output += text
            case .secret(let secret):
                isInPath = isInPath && !endsPath(secret)
                output += purpose == .json ? escaped(secret) : secret
            case .placeholder(let placeholder):
                let value = placeholder.value(context)
                switch purpose {
                case .plain, .header: output += value.text
                case .url: output += value.urlText(isInPath: isInPath)
                case .json: output += value.jsonText(isInString: placeholder.isInString)
                }
            }
        }
        return purpose == .header ? withoutControls(output) : output
    }

    /// Like `render` for plain text, but a lone placeholder keeps its JSON type; nil: it is missing.
    package func value(_ context: TemplateContext) -> JSON? {
        guard segments.count == 1, case .placeholder(let placeholder) = segments[0] else {
            return .string(render(context))
        }
        return placeholder.value(context).json
    }

    /// A JSON string's contents.
    static func escaped(_ text: String) -> String {
        var bytes: [UInt8] = []
        JSON.escape(text, into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether what follows `text` in a URL is query or fragment.
    private static func endsPath(_ text: String) -> Bool {
        text.utf8.contains { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }
    }

    private static func withoutControls(_ text: String) -> String {
        func isControl(_ scalar: Unicode.Scalar) -> Bool {
            scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
        }
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var kept = String.UnicodeScalarView()
        kept.append(contentsOf: text.unicodeScalars.lazy.filter { !isControl($0) })
        return String(kept)
    }
}

extension Template.Placeholder {
    /// The value after all filters.
    fileprivate func value(_ context: TemplateContext) -> RenderedValue {
        var value = RenderedValue.json(context.value(at: path))
        for filter in filters { value = value.applying(filter, isInString: isInString) }
        return value
    }
}

/// A value on its way through the filters.
private enum RenderedValue {
    /// Still the value itself; nil: missing.
    case json(JSON?)
    /// Text made by a filter, and what it is already encoded for.
    case text(String, encoding: Encoding)

    enum Encoding {
        case none
        case json
        case url
    }

    func applying(_ filter: TemplateFilter, isInString: Bool) -> RenderedValue {
        switch filter {
        case .fallback(let fallback):
            return isEmpty ? .json(fallback) : self
        case .json:
            // Numbers, lists and objects stay what they are unless they stand inside quotes.
            if case .json(let value) = self, value?.text == nil, !isInString { return self }
            return .text(Template.escaped(text), encoding: .json)
        case .url:
            return .text(PercentEncoding.encode(text), encoding: .url)
        case .base64:
            return .text(Base64.encode(text.utf8), encoding: .none)
        case .slack:
            // Neither adds nor removes a quote or a backslash, so what was escaped for JSON still is.
            if case .text(let text, .json) = self { return .text(ChatText.escaped(text), encoding: .json) }
            return .text(ChatText.escaped(text), encoding: .none)
        }
    }

    var isEmpty: Bool {
        switch self {
        case .json(nil), .json(.null?), .json(.string("")?), .text("", _): true
        default: false
        }
    }

    var json: JSON? {
        switch self {
        case .json(let value): value
        case .text(let text, _): .string(text)
        }
    }

    /// Plain text; missing and null are empty, lists and objects compact JSON.
    var text: String {
        switch self {
        case .text(let text, _): text
        case .json(nil), .json(.null?): ""
        case .json(.string(let text)?): text
        case .json(.number(let number)?): number
        case .json(.bool(let value)?): value ? "true" : "false"
        case .json(let value?): String(decoding: value.serialised(), as: UTF8.self)
        }
    }

    func urlText(isInPath: Bool) -> String {
        if case .text(let text, .url) = self, text != ".", text != ".." { return text }
        let text = self.text
        if isInPath, text == "." || text == ".." { return String(repeating: "_", count: text.utf8.count) }
        return PercentEncoding.encode(text)
    }

    func jsonText(isInString: Bool) -> String {
        if isInString {
            if case .text(let text, .json) = self { return text }
            return Template.escaped(text)
        }
        switch self {
        case .text(let text, .json): return "\"\(text)\""
        case .text(let text, _): return "\"\(Template.escaped(text))\""
        case .json(let value): return String(decoding: (value ?? .null).serialised(), as: UTF8.self)
        }
    }
}
