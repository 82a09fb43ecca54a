// What `check` says: every problem with its place, or what the configuration comes to. Pure.

import Model
import Settings

/// What `check` says.
enum CheckReport {
    /// For people.
    static func lines(_ settings: Settings?, _ problems: [SettingsProblem], style: Style) -> [String] {
        var lines = problems.map { problem in
            let text = Neutral.line(problem.description)
            return problem.severity == .error ? style.bad(text) : style.doubtful(text)
        }
        guard let settings else {
            let errors = problems.count { $0.severity == .error }
            return lines + ["\(Wording.count(errors, "error")): the daemon would not start"]
        }
        let warnings = problems.isEmpty ? "" : ", " + Wording.count(problems.count, "warning")
        lines.append(style.good("The configuration is valid") + warnings + ".")
        lines += settings.files.map { "  " + Neutral.line($0) }
        if settings.plugins.isEmpty { lines.append("No plugin is configured: name one in `plugins`.") }
        for plugin in settings.plugins { lines.append("  " + Neutral.line(line(plugin, settings))) }
        return lines
    }

    private static func line(_ plugin: Plugin, _ settings: Settings) -> String {
        let preset = settings.effectivePlugins[plugin.name]?.first { $0.key == "preset" && !$0.value.isEmpty }
        var text = "\(plugin.name): \(settings.redaction.redact(plugin.url.source))"
        if let preset { text += " (preset \(preset.value))" }
        if !plugin.enabled { text += ", disabled: its backlog is held" }
        return text
    }

    /// For scripts.
    static func json(_ settings: Settings?, _ problems: [SettingsProblem]) -> JSON {
        let listed = problems.map { problem in
            JSON.object([
                .init(key: "severity", value: .string(problem.severity.rawValue)),
                .init(key: "file", value: text(problem.file)),
                .init(key: "line", value: problem.line.map { .number(String($0)) } ?? .null),
                .init(key: "section", value: text(problem.section)),
                .init(key: "key", value: text(problem.key)),
                .init(key: "message", value: .string(problem.message)),
                .init(key: "suggestion", value: .string(problem.suggestion)),
            ])
        }
        return .object([
            .init(key: "valid", value: .bool(settings != nil)), .init(key: "problems", value: .array(listed)),
            .init(key: "files", value: .array((settings?.files ?? []).map(JSON.string))),
            .init(key: "plugins", value: .array((settings?.plugins ?? []).map { .string($0.name) })),
        ])
    }

    private static func text(_ text: String?) -> JSON { text.map(JSON.string) ?? .null }
}
