// What is written to MWDB after a delivery: attributes with their definition, a tag, a comment.

import Model

extension PluginReader {
    func readWriteBacks(_ plugin: inout Plugin) {
        plugin.writeBacks = attributeKeys().compactMap { attribute($0, plugin).map(WriteBack.attribute) }
        if let tag = values.template("tag") { plugin.writeBacks.append(.tag(tag)) }
        if let comment = values.template("comment") { plugin.writeBacks.append(.comment(comment)) }
    }

    /// KEYs of `attribute.KEY` and `attribute.KEY.…`, each once, in the order of the file.
    private func attributeKeys() -> [String] {
        var keys: [String] = []
        for (name, _) in family("attribute") {
            let key = String(name.prefix { $0 != "." })
            if !keys.contains(key) { keys.append(key) }
        }
        return keys
    }

    private func attribute(_ key: String, _ plugin: Plugin) -> AttributeWriteBack? {
        let name = "attribute." + key
        guard let written = values.section[name] else {
            let detail = ["label", "description", "url_template", "readers", "match"].first {
                values.written("\(name).\($0)") != nil
            }
            values.report(
                "\(name).\(detail ?? "label")", "belongs to \(name), which is not set",
                "Write \(name) = {{VALUE}}")
            return nil
        }
        guard !written.text.isEmpty else { return nil }
        guard PluginReader.isAttributeKey(key) else {
            values.report(
                name, "\(values.quoted(key)) is no attribute key", "Use 1 to 32 of a-z, A-Z, 0-9, _ and -")
            return nil
        }
        guard let value = values.template(name) else { return nil }
        var attribute = AttributeWriteBack(key: key, value: value)
        attribute.label = values.line(name + ".label")
        attribute.summary = values.text(name + ".description")
        attribute.urlTemplate = urlTemplate(name + ".url_template", plugin)
        attribute.readers = values.line(name + ".readers")
        attribute.match = match(name + ".match") ?? attribute.urlTemplate.map { _ in "[A-Za-z0-9._-]+" }
        return attribute
    }

    /// MWDB's own rule (AttributeDefinition schema of mwdb-core).
    static func isAttributeKey(_ key: String) -> Bool {
        (1...32).contains(key.utf8.count)
            && key.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    /// The link's template as MWDB is to have it: `$value` stays, our own placeholders are filled in, since
    /// they are the same for every event.
    private func urlTemplate(_ key: String, _ plugin: Plugin) -> String? {
        guard let template = values.template(key) else { return nil }
        let known = ["plugin.name", "plugin.public_url", "mwdb.url", "mwdb.public_url"]
        for path in template.paths where !known.contains(path) {
            values.report(
                key, "{{\(path)}} differs from event to event, the link's template does not",
                Nearest.match(path, among: known).map { "Write {{\($0)}}" }
                    ?? "Write $value for the attribute's value")
            return nil
        }
        let context = TemplateContext(
            event: .object([]), pluginName: plugin.name, pluginPublicURL: plugin.publicURL,
            mwdbURL: mwdb.written("url")?.text,
            mwdbPublicURL: (mwdb.written("public_url") ?? mwdb.written("url"))?.text)
        let text = template.render(context)
        if !text.contains("$value") {
            values.report(
                key, "does not hold $value", "Write $value where the attribute's value belongs",
                severity: .warning)
        }
        return text
    }

    private func match(_ key: String) -> String? {
        guard let text = values.line(key) else { return nil }
        do {
            return try Pattern(parsing: text).source
        } catch {
            values.report(key, error.message, "Correct it, or remove it for the default [A-Za-z0-9._-]+")
            return nil
        }
    }
}
