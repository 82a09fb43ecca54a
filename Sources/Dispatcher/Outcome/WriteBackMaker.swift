// After a delivery: the values taken from the answer become writes to MWDB, stored in the same transaction as
// the outcome. A receiver's values are data: they are matched against the plugin's pattern before they may
// enter MWDB. Failure: a value that is missing or does not match makes that write-back dead, with the reason.

import Model
import Outbox
import Settings

/// Makes the write-backs of a delivered event.
struct WriteBackMaker: Sendable {
    /// The plugin that delivered.
    let plugin: Plugin
    /// MWDB's addresses for templates.
    let mwdb: MWDBSettings?

    /// The write-backs for `event`, whose answer gave `extracted` and lacked `missing`. Those that would be empty
    /// because an optional value is missing are left out.
    func writeBacks(
        of event: EventSource, extracted: [ExtractedValue], missing: [String]
    ) -> [NewWriteBack] {
        guard !plugin.writeBacks.isEmpty else { return [] }
        // An event that intake accepted is JSON; of one that is not, nothing is known.
        var context = (try? event.context(plugin: plugin, mwdb: mwdb, needed: true)) ?? .empty
        for value in extracted { context.extracted[value.name] = value.value }
        let target = WriteBackTask.target(of: context.data)
        let absent = Set(
            plugin.extractions.filter { $0.optional && context.extracted[$0.name] == nil }.map(\.name))
        return plugin.writeBacks.compactMap { writeBack in
            let draft = draft(writeBack, context)
            if draft.isEmpty, draft.names.contains(where: absent.contains) { return nil }
            return NewWriteBack(
                task: WriteBackTask(
                    objectKind: target?.kind ?? "object", objectID: target?.id ?? "", action: draft.action
                ).stored,
                dead: problem(of: draft, target: target, missing: missing))
        }
    }

    /// A write-back as its templates make it.
    private struct Draft {
        let action: WriteBackTask.Action
        /// First steps of the paths in its template: extractions are among them.
        let names: [String]
        let isEmpty: Bool
        /// What the value looks like as text, and must match.
        var match: (text: String, key: String, pattern: String)?
    }

    private func draft(_ writeBack: WriteBack, _ context: TemplateContext) -> Draft {
        func names(_ template: Template) -> [String] {
            template.paths.map { String($0.prefix { $0 != "." }) }
        }
        switch writeBack {
        case .attribute(let attribute):
            let value = attribute.value.value(context) ?? .null
            let text = value.text ?? String(decoding: value.serialised(), as: UTF8.self)
            return Draft(
                action: .attribute(key: attribute.key, value: value), names: names(attribute.value),
                isEmpty: value == .null || text.isEmpty,
                match: attribute.match.map { (text, attribute.key, $0) })
        case .tag(let template):
            let tag = template.render(context)
            return Draft(action: .tag(tag), names: names(template), isEmpty: tag.isEmpty)
        case .comment(let template):
            let comment = template.render(context)
            return Draft(action: .comment(comment), names: names(template), isEmpty: comment.isEmpty)
        }
    }

    private func problem(
        of draft: Draft, target: (kind: String, id: String)?, missing: [String]
    ) -> String? {
        if target == nil { return "the event is about no object of MWDB" }
        if let name = draft.names.first(where: missing.contains) {
            return "the answer has no value for extract.\(name)"
        }
        if draft.isEmpty { return "there is nothing to write: the value is empty" }
        guard let match = draft.match else { return nil }
        do throws(ValueError) {
            if try Pattern(parsing: match.pattern).matchesWhole(match.text) { return nil }
            return "the value does not match attribute.\(match.key).match (\(match.pattern))"
        } catch {
            // Settings refuses such a pattern when it is loaded.
            return "attribute.\(match.key).match is no pattern: \(error.message)"
        }
    }
}
