// What can be known to be wrong with a plugin before any event comes: keys that do not go together, and
// templates and filters that name what the plugin's hooks do not have.

import Model

/// Static checks of one plugin.
struct PluginChecks {
    let plugin: Plugin
    let values: ValueReader
    let mwdb: ValueReader

    /// First words of paths that are taken: extracted values cannot have these names.
    static let roots: Set<String> = Set(
        (Hook.all + Hook.operational).flatMap(\.parameters).map(\.name)
            + Hook.commonPaths.map { String($0.prefix { $0 != "." }) })

    /// The event as a whole and its `data`, for receivers that take it as a part of their own JSON.
    private static let whole: Set<String> = ["event", "event.data"]

    /// Reports all that is wrong.
    func check() {
        checkBody()
        checkUnused()
        checkOrder()
        checkBatch()
        checkFilterValues()
        checkRequestPaths()
        checkWriteBacks()
    }

    /// Hooks of the catalogue that the plugin is called for.
    private var hooks: [Hook] {
        (Hook.all + Hook.operational).filter { plugin.hooks.contains($0.name) }
    }

    // MARK: The body

    private func checkBody() {
        switch plugin.body {
        case .form where plugin.fields.isEmpty && values.written("body") != nil:
            values.report("body", "form has no fields", "Write field.NAME = VALUE for each")
        case .multipart where plugin.fields.isEmpty && plugin.file.field == nil:
            values.report(
                "body", "multipart has neither fields nor a sample", "Write field.NAME = VALUE, or file.field"
            )
        case .text where values.written("template") == nil:
            values.report("body", "text has no template", "Write template = TEXT")
        default: break
        }
        if plugin.wantsContent, !hooks.isEmpty, !hooks.contains(where: { $0.has(path: "file.sha256") }) {
            let key = values.section["body"] == nil ? "hooks" : "body"
            values.report(
                key, "\(plugin.body.rawValue) sends a sample, but no hook of the plugin has a file",
                "Add on_created_file to hooks, or set file.field to nothing to send none")
        }
        if plugin.wantsContent, plugin.secrets.contains(where: { $0.kind == .ed25519 }) {
            values.report(
                "secret", "an ed25519 key (whsk_) cannot sign a body that streams a sample",
                "Write a secret of the other kind: mwdb-webhooks secret")
        }
        if plugin.body.isJSON, let template = plugin.template {
            do throws(TemplateError) {
                if mayHaveLines { try template.checkJSONLines() } else { try template.checkJSON() }
            } catch {
                values.report(
                    "template", error.message,
                    "Correct it, write {{path|json}} inside quotes, or choose body = text")
            }
        }
    }

    /// Keys that have no effect with this body: almost always a forgotten `body`.
    private func checkUnused() {
        let kind = plugin.body
        if kind != .form, kind != .multipart, let field = plugin.fields.first {
            values.report(
                "field." + field.name, "has no effect with body = \(kind.rawValue)",
                "Write body = multipart or form")
        }
        if kind == .multipart || kind == .form || kind == .none, values.written("template") != nil {
            values.report(
                "template", "has no effect with body = \(kind.rawValue)",
                "Write body = json, cloudevents, text or raw, or field.NAME")
        }
        for key in ["file.field", "file.name", "file.content_type"]
        where kind != .multipart && values.written(key) != nil {
            values.report(key, "has no effect with body = \(kind.rawValue)", "Write body = multipart")
        }
        if !kind.takesContentType, values.written("content_type") != nil {
            values.report(
                "content_type", "has no effect with body = \(kind.rawValue)",
                kind == .multipart ? "Remove it; file.content_type is that of the sample" : "Remove it")
        }
        if kind == .cloudeventsBinary {
            for name in CloudEvent.names {
                guard let key = values.section.keys.first(where: { $0.lowercased() == "header.ce-" + name })
                else { continue }
                values.report(
                    key, "is made from the event", "Remove it; an attribute of your own is ce-OTHERNAME")
            }
        }
        if plugin.method == "GET", kind != .none {
            values.report(
                "method", "GET with a body", "Write body = none, or method = POST", severity: .warning)
        }
    }

    /// Keys that have no effect where all deliveries go one at a time.
    private func checkOrder() {
        guard plugin.order == .strict else { return }
        for key in ["concurrency", "drain", "batch"] where values.written(key) != nil && !isOneByOne(key) {
            values.report(
                key, "has no effect with order = strict: deliveries go one at a time, oldest first",
                "Remove it, or write order = object to keep the order for each object", severity: .warning)
        }
    }

    private func isOneByOne(_ key: String) -> Bool {
        switch key {
        case "concurrency": plugin.concurrency == 1
        case "drain": plugin.drain == .fifo
        default: plugin.batch.count == 1
        }
    }

    // MARK: Paths

    private func checkRequestPaths() {
        check(plugin.url.paths, of: "url")
        check(plugin.template?.paths ?? [], of: "template")
        check(plugin.file.name.paths, of: "file.name")
        for field in plugin.fields { check(field.value.paths, of: "field." + field.name) }
        for header in plugin.headers where values.section["header." + header.name] != nil {
            check(header.value.paths, of: "header." + header.name)
        }
        check(plugin.filter.paths, of: "filter", isFilter: true)
    }

    private func checkWriteBacks() {
        for writeBack in plugin.writeBacks {
            let (key, template) = place(of: writeBack)
            check(template.paths, of: key, extracted: plugin.extractions.map(\.name))
            if mwdb.written("api_key") == nil {
                values.report(
                    key, "writes to MWDB, but [mwdb] api_key is not set",
                    "Write url and api_key in [mwdb], or set \(key) to nothing")
            }
            if !hooks.isEmpty, !hooks.contains(where: PluginChecks.isAboutAnObject) {
                values.report(
                    key, "writes to an object, but no hook of the plugin is about one",
                    "Remove it, or subscribe to hooks such as on_created_file")
            }
        }
    }

    private func place(of writeBack: WriteBack) -> (key: String, template: Template) {
        switch writeBack {
        case .attribute(let attribute): ("attribute." + attribute.key, attribute.value)
        case .tag(let template): ("tag", template)
        case .comment(let template): ("comment", template)
        }
    }

    private static func isAboutAnObject(_ hook: Hook) -> Bool {
        hook.parameters.contains { [.object, .file, .config, .blob].contains($0.kind) }
    }

    /// Reports the paths that no subscribed hook has, and warns of those that only some have.
    private func check(_ paths: [String], of key: String, extracted: [String]? = nil, isFilter: Bool = false)
    {
        guard !hooks.isEmpty else { return }
        var seen: Set<String> = []
        for path in paths where seen.insert(path).inserted {
            let root = String(path.prefix { $0 != "." })
            if extracted?.contains(root) == true || PluginChecks.whole.contains(path) { continue }
            if extracted == nil, plugin.extractions.contains(where: { $0.name == root }) {
                values.report(
                    key, "{{\(path)}} is taken from the answer, which is not there yet",
                    "Use it in attribute.KEY, tag or comment")
            } else if root == "mwdb", mwdb.written("url") == nil, mwdb.written("public_url") == nil {
                values.report(
                    key, "{{\(path)}}, but [mwdb] url is not set", "Write url or public_url in [mwdb]")
            } else if !hooks.contains(where: { $0.has(path: path) }) {
                values.report(key, missing(path), remedy(path, extracted))
            } else if !isFilter, let without = hooks.first(where: { !$0.has(path: path) }),
                !hasDefault(path, in: key)
            {
                values.report(
                    key, "\(without.name) has no \(path): it will be empty there",
                    "Write {{\(path)|default:X}}, or subscribe to fewer hooks", severity: .warning)
            }
        }
    }

    private func missing(_ path: String) -> String {
        hooks.count == 1 ? "\(hooks[0].name) has no \(path)" : "none of the plugin's hooks has \(path)"
    }

    private func remedy(_ path: String, _ extracted: [String]?) -> String {
        let near = Nearest.match(path, among: (extracted ?? []) + hooks.flatMap(\.paths))
        if let near { return "Write \(near)" }
        if let hook = Hook.all.first(where: { $0.has(path: path) }) {
            return "Subscribe to a hook that has it, such as \(hook.name)"
        }
        if !path.contains("."), !PluginChecks.roots.contains(path), let extracted {
            let names = extracted.map { "{{\($0)}}" }.joined(separator: ", ")
            return "Write " + (names.isEmpty ? "" : names + ", or ")
                + "extract.\(path) = json:/POINTER to take it from the answer"
        }
        let arguments = Set(hooks.flatMap(\.parameters).map(\.name)).sorted()
        return "Write a field of \(arguments.joined(separator: ", ")), event, plugin or mwdb"
    }

    /// Whether the placeholder of `path` says what to write when it is missing.
    private func hasDefault(_ path: String, in key: String) -> Bool {
        guard let text = values.written(key)?.text else { return true }
        return text.split(separator: "{{").dropFirst().contains { part in
            let inside = part.prefix { $0 != "}" }
            return inside.trimmed.hasPrefix(path) && inside.contains("default:")
        }
    }
}
