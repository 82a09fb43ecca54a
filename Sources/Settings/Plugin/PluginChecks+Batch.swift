// What cannot go with `batch`: bodies that cannot stand beside each other, and an address or a header of one event's.

import Model

extension PluginChecks {
    /// Reports what keeps deliveries from going together.
    func checkBatch() {
        guard plugin.batch.isOn else { return checkUnusedBatching() }
        if plugin.body != .event, plugin.body != .cloudevents {
            values.report(
                "batch", "puts JSON side by side, but body = \(plugin.body.rawValue) sends something else",
                "Write body = json or cloudevents, or batch = 1")
        }
        for path in plugin.url.paths where !isSetting(path) {
            values.report(
                "url", "{{\(path)}} differs from event to event, but a batch has one address",
                "Put it into template, or write batch = 1")
        }
        for header in plugin.headers {
            for path in header.value.paths where !isSetting(path) {
                values.report(
                    "header." + header.name,
                    "{{\(path)}} differs from event to event, but a batch has one head",
                    "Put it into template, or write batch = 1")
            }
        }
    }

    /// Keys that have no effect where deliveries go one at a time. Without `batch` an answer is for the one delivery: one
    /// that lists it as failed would count as delivered.
    private func checkUnusedBatching() {
        let remedy = "Write batch = 100 too, or remove it"
        if values.written("batch_items") != nil {
            values.report("batch_items", "is not looked at without batch", remedy)
        }
        // A preset may have them for whoever adds batch.
        for key in ["batch_wait", "batch_bytes", "batch_format"]
        where values.written(key).map({ $0.file == values.section.place?.path }) ?? false {
            values.report(key, "has no effect without batch", remedy, severity: .warning)
        }
    }

    /// Whether several lines, each of them JSON, are what the template may be.
    var mayHaveLines: Bool { plugin.batch.isOn && plugin.batch.format == .ndjson && plugin.body == .event }

    private func isSetting(_ path: String) -> Bool {
        path.hasPrefix("plugin.") || path.hasPrefix("mwdb.")
    }
}
