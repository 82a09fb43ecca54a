// What is sent: address, body, fields, headers, proof of the sender, signature.

import Model

extension PluginReader {
    func readRequest(_ plugin: inout Plugin) {
        plugin.method = method() ?? plugin.method
        let address = readURL(&plugin)
        plugin.publicURL = publicURL() ?? address?.origin
        plugin.body = values.choice("body", BodyKind.self) ?? plugin.body
        plugin.template = values.template("template")
        plugin.contentType = mediaType("content_type")
        plugin.fields = family("field").map { name, key in
            NamedTemplate(name: name, value: values.template(key) ?? Template(literal: ""))
        }
        if let field = values.section["file.field"] {
            plugin.file.field = field.text.isEmpty ? nil : values.line("file.field")
        }
        plugin.file.name = values.template("file.name") ?? plugin.file.name
        plugin.file.contentType = mediaType("file.content_type") ?? plugin.file.contentType
        plugin.headers = authentication() + headers()
        plugin.secrets = signingSecrets()
        if address?.scheme == "http",
            let key = ["tls.ca", "tls.cert"].first(where: { values.written($0) != nil })
        {
            values.report(key, "has no effect on an http:// URL", "Write https:// in url", severity: .warning)
        }
    }

    /// Names and keys of a family that are set, in the order of the file: `("timeout", "field.timeout")`.
    func family(_ prefix: String) -> [(name: String, key: String)] {
        values.section.keys.compactMap { key in
            guard key.hasPrefix(prefix + "."), let value = values.written(key) else { return nil }
            return (String(value.key.dropFirst(prefix.count + 1)), key)
        }
    }

    private func method() -> String? {
        guard let text = values.line("method") else { return nil }
        guard case .choice(let methods) = SettingKey.declaration(of: "method", in: .plugin)?.form,
            methods.contains(text.uppercased())
        else {
            values.report(
                "method", "\(values.quoted(text)) is no method for a delivery",
                "Write POST, or PUT, PATCH, GET or DELETE")
            return nil
        }
        return text.uppercased()
    }

    private func readURL(_ plugin: inout Plugin) -> WebAddress? {
        guard values.written("url") != nil else {
            values.report("url", "is not set", "Write url = http://HOST:PORT/PATH, where requests are sent")
            return nil
        }
        guard let text = values.resolved("url"), let template = values.template("url") else { return nil }
        for part in SecretAddress.parts(of: text) { values.findings.add(secret: part) }
        do {
            try template.checkURL()
        } catch {
            values.report("url", error.message, urlRemedy(error.message))
            return nil
        }
        plugin.url = template
        do throws(ValueError) {
            let address = try WebAddress(parsing: text.withoutPlaceholders)
            guard address.userInformation == nil else {
                throw ValueError("holds a user name and password")
            }
            return address
        } catch {
            let remedy =
                error.message.hasPrefix("holds a user")
                ? "Write auth = basic with auth.username and auth.password"
                : "Write a URL such as https://host/path; a comment stands on a line of its own"
            values.report("url", error.message, remedy)
            return nil
        }
    }

    private func urlRemedy(_ message: String) -> String {
        if message.hasPrefix("a URL begins") { return "Write http:// or https:// before the host" }
        if message.contains("placeholder") {
            return "Write scheme and host as they are; placeholders only in path and query"
        }
        return "Write a URL such as https://host:8443/path; a comment stands on a line of its own"
    }

    private func publicURL() -> String? {
        values.parse("public_url") { text throws(ValueError) in
            let address = try WebAddress(parsing: text)
            var path = address.rest[...]
            while path.hasSuffix("/") { path.removeLast() }
            return address.origin + path
        }
    }

    /// `type/subtype` with parameters (RFC 9110, 8.3.1).
    private func mediaType(_ key: String) -> String? {
        guard let text = values.line(key) else { return nil }
        let type = text.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
        let parts = type.trimmed.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ HeaderName.isToken($0) }),
            text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value < 0x7F })
        else {
            values.report(
                key, "\(values.quoted(text)) is no media type", "Write one such as application/json")
            return nil
        }
        return text
    }

    private func headers() -> [NamedTemplate] {
        family("header").compactMap { name, key in
            if let (message, suggestion) = HeaderName.problem(name) {
                values.report(key, message, suggestion)
                return nil
            }
            guard let text = values.resolved(key), let template = values.template(key) else { return nil }
            if text.string.unicodeScalars.contains(where: { $0.value < 0x20 && $0 != "\t" }) {
                values.report(key, "has more than one line", "Write the header's value on one line")
                return nil
            }
            return NamedTemplate(name: name, value: template)
        }
    }

    private func signingSecrets() -> [SigningSecret] {
        guard let value = values.written("secret") else { return [] }
        let references = SecretReferences(sources: values.sources, findings: values.findings)
        // Split before references are resolved: what a file holds is taken as it is, commas or not.
        let elements = value.text.split(whereSeparator: { $0 == "," || $0 == "\n" }).map(\.trimmed)
        return elements.flatMap { element -> [SigningSecret] in
            guard !element.isEmpty, let text = references.resolve(element, of: value)?.string else {
                return []
            }
            // One a line: a secret that is being rotated has the old one below it.
            let lines = text.split(whereSeparator: \.isNewline).map(\.trimmed).filter { !$0.isEmpty }
            return (lines.isEmpty ? [""] : lines).compactMap(signingSecret)
        }
    }

    private func signingSecret(_ text: String) -> SigningSecret? {
        values.findings.add(secret: text)
        do throws(ValueError) {
            return try SigningSecret(parsing: text)
        } catch {
            values.report("secret", error.problem, "Make one with: mwdb-webhooks secret")
            return nil
        }
    }
}

extension ResolvedText {
    /// The text with each placeholder replaced by a letter, for checks of what surrounds them.
    var withoutPlaceholders: String {
        var output = ""
        for piece in pieces {
            switch piece {
            case .secret(let secret): output += secret
            case .text(let text):
                var rest = text[...]
                while let opening = rest.firstRange(of: "{{"),
                    let closing = rest[opening.upperBound...].firstRange(of: "}}")
                {
                    output += rest[..<opening.lowerBound] + "x"
                    rest = rest[closing.upperBound...]
                }
                output += rest
            }
        }
        return output
    }
}
