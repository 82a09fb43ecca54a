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

    /// The write-backs for `event`, whose answer gave `extracted` and lacked `missing`. Those that name an optional
    /// value that is not there, and no default for it, are left out: `scanner:` without a verdict says nothing.
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
            if draft.required.contains(where: absent.contains) { return nil }
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
        /// Those of them for which the template has no default.
        let required: [String]
        let isEmpty: Bool
        /// What the value looks like as text, and must match.
        var match: (text: String, key: String, pattern: String)?
    }

    private func draft(_ writeBack: WriteBack, _ context: TemplateContext) -> Draft {
        let template = writeBack.template
        let names = Self.firstSteps(template.paths)
        let required = Self.firstSteps(template.pathsWithoutDefault)
        switch writeBack {
        case .attribute(let attribute):
            let value = attribute.value.value(context) ?? .null
            let text = value.text ?? String(decoding: value.serialised(), as: UTF8.self)
            return Draft(
                action: .attribute(key: attribute.key, value: value), names: names, required: required,
                isEmpty: value == .null || text.isEmpty,
                match: attribute.match.map { (text, attribute.key, $0) })
        case .tag:
            let tag = template.render(context)
            return Draft(action: .tag(tag), names: names, required: required, isEmpty: tag.isEmpty)
        case .comment:
            let comment = template.render(context)
            return Draft(
                action: .comment(comment), names: names, required: required, isEmpty: comment.isEmpty)
        }
    }

    private static func firstSteps(_ paths: [String]) -> [String] {
        paths.map { String($0.prefix { $0 != "." }) }
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

extension WriteBack {
    /// What its value is made from.
    fileprivate var template: Template {
        switch self {
        case .attribute(let attribute): attribute.value
        case .tag(let template), .comment(let template): template
        }
    }
}
