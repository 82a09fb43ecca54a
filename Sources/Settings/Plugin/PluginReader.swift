// From the merged keys of one plugin to its `Plugin` value. This file: the order of reading, what the plugin
// is and which events it wants. Its extensions read the request, the connection, the judgement and the
// write-backs.

import Model

/// Reads one plugin.
struct PluginReader {
    /// `[plugin:NAME]` on its drop-in on its preset.
    let values: ValueReader
    /// `[mwdb]`.
    let mwdb: ValueReader

    /// The plugin called `name`; what could not be read is at its default and reported.
    func read(_ name: String) -> Plugin {
        var plugin = Plugin(name: name)
        plugin.enabled = values.flag("enabled") ?? plugin.enabled
        plugin.author = values.line("author")
        plugin.version = values.line("version")
        plugin.summary = values.line("description")
        plugin.hooks = hooks()
        plugin.filter = filter()
        readRequest(&plugin)
        readConnection(&plugin)
        readAnswer(&plugin)
        readWriteBacks(&plugin)
        readLimits(&plugin)
        PluginChecks(plugin: plugin, values: values, mwdb: mwdb).check()
        return plugin
    }

    private func hooks() -> HookSelection {
        guard let elements = values.list("hooks"), !elements.isEmpty else {
            if values.written("hooks") == nil {
                values.report("hooks", "is not set", "Write hooks = on_created_file, or * for all hooks")
            }
            return .none
        }
        var selection = HookSelection()
        for element in elements { add(element, to: &selection) }
        return selection
    }

    private func add(_ element: String, to selection: inout HookSelection) {
        if element == "*" {
            selection.all = true
            return
        }
        if element.contains("*") {
            let glob = HookSelection(globs: [element])
            let matches = (Hook.all + Hook.operational).map(\.name).filter(glob.contains)
            if matches.isEmpty {
                values.report(
                    "hooks", "\(element) matches no hook",
                    "Write a pattern such as on_created_*, on_*_file or plugin.*"
                )
            }
            selection.globs.append(element)
            selection.names.formUnion(matches)
            return
        }
        guard Hook.named(element) == nil else {
            selection.names.insert(element)
            return
        }
        let names = (Hook.all + Hook.operational).map(\.name)
        values.report(
            "hooks", "there is no hook \(values.quoted(element))",
            Nearest.match(element, among: names).map { "Write \($0)" }
                ?? "Write hooks of MWDB such as on_created_file, separated by commas, or * for all")
    }

    private func filter() -> Filter {
        guard let text = values.text("filter") else { return .everything }
        do {
            return try Filter(
                parsing: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
        } catch {
            values.report(
                "filter", error.message, "Write a line such as file.file_size <= 100MB", lineIndex: error.line
            )
            return .everything
        }
    }

    private func readLimits(_ plugin: inout Plugin) {
        plugin.backoff = backoff() ?? plugin.backoff
        plugin.maximumAge = values.span("max_age", .seconds(1) ... .days(365)) ?? plugin.maximumAge
        plugin.maximumAttempts = values.number("max_attempts")
        plugin.onAmbiguous = values.choice("on_ambiguous", AmbiguityRule.self) ?? plugin.onAmbiguous
        plugin.rate = values.parse("rate", Rate.init(parsing:))
        plugin.concurrency = values.number("concurrency") ?? plugin.concurrency
        plugin.drain = values.choice("drain", DrainOrder.self) ?? plugin.drain
        plugin.order = values.choice("order", DeliveryOrder.self) ?? plugin.order
        plugin.batch = batching()
    }

    private func backoff() -> Backoff? {
        values.parse("backoff") { text throws(ValueError) in
            guard text.contains("..") else {
                throw ValueError("`\(text)` is one pause, not the shortest and the longest")
            }
            let backoff = try Backoff(parsing: text)
            guard backoff.longest <= .days(7) else { throw ValueError("the longest pause is over 7d") }
            return backoff
        }
    }
}
