// How answers are judged and what is taken from them.

import Model

extension PluginReader {
    func readAnswer(_ plugin: inout Plugin) {
        plugin.success = values.parse("success", StatusSet.init(parsing:)) ?? plugin.success
        plugin.successIf = values.parse("success_if", AnswerCondition.init(parsing:))
        plugin.deadIf = values.parse("dead_if", AnswerCondition.init(parsing:))
        plugin.extractions = family("extract").compactMap { name, key in extraction(name, key) }
    }

    private func extraction(_ name: String, _ key: String) -> Extraction? {
        let bare = name.hasSuffix("?") ? String(name.dropLast()) : name
        let allowed = bare.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard allowed, !bare.isEmpty, bare.utf8.count <= 64 else {
            values.report(
                key, "\(values.quoted(bare)) is no name for a value", "Use letters, digits, _ and -")
            return nil
        }
        guard !PluginChecks.roots.contains(bare) else {
            values.report(
                key, "\(bare) already names something of the event", "Choose another name, such as \(bare)_id"
            )
            return nil
        }
        guard let text = values.line(key) else { return nil }
        do {
            return try Extraction(name: name, source: text)
        } catch {
            values.report(key, error.problem, "Write json:/pointer, header:NAME or regex:RE")
            return nil
        }
    }
}
