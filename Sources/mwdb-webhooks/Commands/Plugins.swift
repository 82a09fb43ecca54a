// `plugins`: what is configured, as the daemon has it.

import ArgumentParser
import Model

/// Lists plugins, or shows one with its configuration.
struct Plugins: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the plugins, or show one with every setting in force.",
        discussion: """
            For one plugin each setting is shown with where it was written: file and line, environment, or default. \
            Secrets are not shown.

              mwdb-webhooks plugins
              mwdb-webhooks plugins drakvuf
            """)

    @Argument(help: "Show this one.") var plugin: String?
    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let target = plugin.map { Target("plugins", $0) } ?? Target("plugins")
        let answer = try daemon.client().get(target.text)
        let terminal = Terminal.standard
        if output.json { return try terminal.write(json: answer.bytes) }
        if plugin == nil {
            try terminal.write(table(answer.json["plugins"]?.elements ?? []))
        } else {
            try show(answer.json, terminal)
        }
    }

    private func table(_ plugins: [JSON]) -> Table {
        var table = Table([
            .text("PLUGIN", shrinksTo: 12), .text("STATE"), .text("VERSION", shrinksTo: 8),
            .text("HOOKS", shrinksTo: 12), .text("URL", shrinksTo: 20), .text("DESCRIPTION", shrinksTo: 12),
        ])
        for plugin in plugins {
            let hooks = plugin["hooks"]?.elements.compactMap(\.text) ?? []
            table.add([
                plugin.shown("name"), plugin["status"]?.shown("state") ?? "-", plugin.shown("version"),
                hooks.isEmpty ? "-" : hooks.joined(separator: ","), plugin.shown("url"),
                plugin.shown("description"),
            ])
        }
        return table
    }

    private func show(_ plugin: JSON, _ terminal: Terminal) throws {
        let status = plugin["status"] ?? .null
        let by = plugin["author"]?.text.map { " by " + Neutral.line($0) } ?? ""
        try terminal.write(
            terminal.style.bold(Neutral.line(plugin.shown("name")))
                + " \(Neutral.line(plugin["version"]?.text ?? ""))\(by): \(status.shown("state"))")
        if let text = plugin["description"]?.text { try terminal.write(Neutral.line(text)) }
        if let reason = status["reason"]?.text { try terminal.write("because: " + Neutral.line(reason)) }
        if let failure = status["last_failure"]?.text {
            try terminal.write("last failure: " + Neutral.line(failure))
        }
        try terminal.write()
        var table = Table([.text("KEY"), .text("VALUE", shrinksTo: 24), .text("WRITTEN IN", shrinksTo: 20)])
        for setting in plugin["configuration"]?.elements ?? [] {
            table.add([setting.shown("key"), setting.shown("value"), setting.shown("origin")])
        }
        try terminal.write(table)
    }
}
