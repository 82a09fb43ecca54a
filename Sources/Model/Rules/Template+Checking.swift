// Static checks of templates, made when the configuration is read.

extension Template {
    /// Whether the first thing is text that opens a brace.
    static func beginsLikeAnObject(_ segments: [Segment]) -> Bool {
        guard case .text(let text)? = segments.first else { return false }
        return text.utf8.first { !$0.isBlank } == UInt8(ascii: "{")
    }

    /// Checks that the template is JSON whatever its values.
    /// - Throws: `TemplateError` naming the place in the text.
    package func checkJSON() throws(TemplateError) {
        if let problem = Self.jsonProblem(segments) { throw problem }
    }

    /// Checks that the template is JSON, or that each of its lines is, whatever its values.
    /// - Throws: `TemplateError` naming the place in the text.
    package func checkJSONLines() throws(TemplateError) {
        guard Self.jsonProblem(segments) != nil else { return }
        var lines: [[Segment]] = [[]]
        for segment in segments {
            guard case .text(let text) = segment else {
                lines[lines.count - 1].append(segment)
                continue
            }
            for (index, part) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                if index > 0 { lines.append([]) }
                lines[lines.count - 1].append(.text(String(part)))
            }
        }
        for line in lines {
            if let problem = Self.jsonProblem(line) { throw problem }
        }
    }

    /// Checks that the template is an http(s) URL with neither scheme nor host from a placeholder.
    /// - Throws: `TemplateError`.
    package func checkURL() throws(TemplateError) {
        let head = literalHead
        let scheme = ["http://", "https://"].first { head.lowercased().hasPrefix($0) }
        guard let scheme else {
            let message =
                head.isEmpty && !isLiteral
                ? "scheme and host of a URL cannot come from a placeholder"
                : "a URL begins with http:// or https://"
            throw TemplateError(offset: 0, message: message)
        }
        let rest = head.dropFirst(scheme.count)
        let authority = rest.prefix { !"/?#".contains($0) }
        guard isLiteral || authority.endIndex < rest.endIndex else {
            throw TemplateError(
                offset: head.count,
                message: "the host of a URL cannot come from a placeholder; begin the path with /")
        }
        try checkAuthority(authority, offset: scheme.count)
        if let offset = Self.firstUnsafe(literals) {
            throw TemplateError(
                offset: offset,
                message:
                    "a URL holds neither white space, control characters nor letters beyond ASCII; write them as %XX"
            )
        }
    }

    /// Literal text and secrets up to the first placeholder.
    private var literalHead: String {
        segments.prefix { if case .placeholder = $0 { false } else { true } }.map(Self.literal).joined()
    }

    private var literals: String { segments.map(Self.literal).joined() }

    private static func literal(_ segment: Segment) -> String {
        switch segment {
        case .text(let text), .secret(let text): text
        case .placeholder: ""
        }
    }

    private func checkAuthority(_ authority: Substring, offset: Int) throws(TemplateError) {
        let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        let isLiteralV6 = host.hasPrefix("[")
        let name = isLiteralV6 ? host.prefix { $0 != "]" }.dropFirst() : host.prefix { $0 != ":" }
        guard !name.isEmpty else { throw TemplateError(offset: offset, message: "the URL has no host") }
        if isLiteralV6,
            !host.contains("]") || Network.address(String(name.prefix { $0 != "%" }))?.count != 16
        {
            throw TemplateError(offset: offset, message: "the URL's host is no IPv6 address")
        }
        let tail = isLiteralV6 ? host.dropFirst(name.count + 2) : host.dropFirst(name.count)
        guard !tail.isEmpty else { return }
        guard tail.first == ":", let port = UInt16(tail.dropFirst()), port > 0,
            tail.dropFirst().utf8.allSatisfy(\.isDigit)
        else { throw TemplateError(offset: offset + name.count, message: "the URL's port is not 1 to 65535") }
    }

    private static func firstUnsafe(_ text: String) -> Int? {
        text.unicodeScalars.enumerated().first { $0.element.value <= 0x20 || $0.element.value >= 0x7F }?
            .offset
    }

    /// What keeps the template from being JSON; secrets are replaced, so that they cannot be shown.
    static func jsonProblem(_ segments: [Segment]) -> TemplateError? {
        let shown = segments.map { segment -> Segment in
            if case .secret = segment { .text("secret") } else { segment }
        }
        let text = render(shown, .empty, purpose: .json)
        do throws(JSONError) {
            _ = try JSON.parse(Array(text.utf8))
            return nil
        } catch {
            let near = text.utf8.dropFirst(max(0, error.offset - 10)).prefix(30)
            return TemplateError(
                offset: 0,
                message:
                    "the template is no JSON: \(error.message) near `\(String(decoding: near, as: UTF8.self))`"
            )
        }
    }
}
