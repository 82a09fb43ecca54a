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

    /// The write-backs for `event`, whose answer gave `extracted` and lacked `missing`.
    func writeBacks(
        of event: EventSource, extracted: [ExtractedValue], missing: [String]
    ) -> [NewWriteBack] {
        guard !plugin.writeBacks.isEmpty else { return [] }
        guard var context = try? event.context(plugin: plugin, mwdb: mwdb, needed: true),
            let target = WriteBackTask.target(of: context.data)
        else { return [] }
        for value in extracted { context.extracted[value.name] = value.value }
        return plugin.writeBacks.map { writeBack in
            make(writeBack, context: context, target: target, missing: missing)
        }
    }

    private func make(
        _ writeBack: WriteBack, context: TemplateContext, target: (kind: String, id: String),
        missing: [String]
    ) -> NewWriteBack {
        let (template, action, problem) = resolve(writeBack, context)
        let task = WriteBackTask(objectKind: target.kind, objectID: target.id, action: action)
        let absent = template.paths.first { missing.contains($0) }
        let dead = absent.map { "the answer has no value for extract.\($0)" } ?? problem
        return NewWriteBack(task: task.stored, dead: dead)
    }

    private func resolve(
        _ writeBack: WriteBack, _ context: TemplateContext
    ) -> (Template, WriteBackTask.Action, problem: String?) {
        switch writeBack {
        case .attribute(let attribute):
            let value = attribute.value.value(context)
            return (
                attribute.value, .attribute(key: attribute.key, value: value ?? .null),
                problem(value, attribute)
            )
        case .tag(let template):
            let tag = template.render(context)
            return (template, .tag(tag), tag.isEmpty ? "the tag is empty" : nil)
        case .comment(let template):
            let comment = template.render(context)
            return (template, .comment(comment), comment.isEmpty ? "the comment is empty" : nil)
        }
    }

    private func problem(_ value: JSON?, _ attribute: AttributeWriteBack) -> String? {
        guard let value, value != .null, value != .string("") else { return "the value is empty" }
        guard let match = attribute.match else { return nil }
        let text = value.text ?? String(decoding: value.serialised(), as: UTF8.self)
        // Settings has compiled the same pattern when it was loaded.
        guard let pattern = try? Regex(match) else { return "attribute.\(attribute.key).match is no pattern" }
        guard (try? pattern.wholeMatch(in: text)) != nil else {
            return "the value does not match attribute.\(attribute.key).match (\(match))"
        }
        return nil
    }
}
