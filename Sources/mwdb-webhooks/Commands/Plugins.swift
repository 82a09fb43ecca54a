// `plugins`: what is configured, as the daemon has it.

import ArgumentParser
import Model
import Settings
import Web

/// Lists plugins, or shows one with its configuration.
struct Plugins: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the plugins, or show one with every setting in force.",
        discussion: """
            For one plugin each setting is shown with where it was written: file and line, environment, or default. \
            Secrets are not shown. While the daemon does not run, what the files say is shown instead.

              mwdb-webhooks plugins
              mwdb-webhooks plugins drakvuf
            """)

    @Argument(help: "Show this one.", completion: .plugins) var plugin: String?
    @Flag(help: "Print only the names, one a line.") var names = false
    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let target = plugin.map { Target("plugins", $0) } ?? Target("plugins")
        let shown: JSON
        do throws(CommandFailure) {
            shown = try daemon.client().get(target.text).json
        } catch {
            guard error.isWithoutDaemon else { throw error }
            shown = try configured()
        }
        let terminal = Terminal.standard
        if names {
            let plugins = shown["plugins"]?.elements ?? [shown]
            for plugin in plugins { try terminal.write(Neutral.line(plugin.shown("name"))) }
            return
        }
        if output.json { return try terminal.write(json: shown.serialised()) }
        if plugin == nil {
            try terminal.write(table(shown["plugins"]?.elements ?? []))
        } else {
            try show(shown, terminal)
        }
    }

    /// What the files say, in the shape of the daemon's answer, without a status.
    private func configured() throws -> JSON {
        let (settings, problems) = Settings.load(.process(configFile: daemon.configuration.config))
        guard let settings else {
            throw CommandFailure(
                (problems.map(\.description) + ["the daemon does not run, and would not start"])
                    .joined(separator: "\n"))
        }
        Terminal.complain("The daemon does not run: this is what the configuration says.")
        guard let plugin else {
            return .object([
                .init(
                    key: "plugins", value: .array(settings.plugins.map { PluginView.json($0.name, settings) })
                )
            ])
        }
        guard settings.plugin(plugin) != nil else {
            throw CommandFailure(
                "there is no plugin '\(plugin)'"
                    + Nearest.suggestion(plugin, among: settings.plugins.map(\.name)))
        }
        return .object(
            PluginView.json(plugin, settings).members + [
                .init(key: "configuration", value: PluginView.configuration(plugin, settings))
            ])
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
                + " \(Neutral.line(plugin["version"]?.text ?? ""))\(by)"
                + (status == .null ? "" : ": " + status.shown("state")))
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
