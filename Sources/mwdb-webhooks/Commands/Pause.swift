// `pause`, `resume` and `reload`: switches of the running daemon.

import ArgumentParser
import Model

/// Pauses a plugin.
struct Pause: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Hold a plugin's deliveries until it is resumed.",
        discussion: """
            Nothing is lost: events keep coming in for it. It stays paused over restarts, and waiting does not count \
            towards `max_age`.

              mwdb-webhooks pause drakvuf --because "moves to another host"
            """)

    @Argument(help: "The plugin; `mwdb` for write-backs.") var plugin: String
    @Option(help: ArgumentHelp("Why, for whoever looks at `status`.", valueName: "text")) var because: String?
    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let body = because.map { JSON.object([.init(key: "reason", value: .string($0))]) }
        let answer = try daemon.client().post(Target("plugins", plugin, "pause").text, body)
        try output.report(answer, "\(plugin) is paused; go on with: mwdb-webhooks resume \(plugin)")
    }
}

/// Resumes a plugin.
struct Resume: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let a paused plugin run again, and forget a Retry-After.",
        discussion: "  mwdb-webhooks resume drakvuf")

    @Argument(help: "The plugin; `mwdb` for write-backs.") var plugin: String
    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let answer = try daemon.client().post(Target("plugins", plugin, "resume").text)
        try output.report(answer, "\(plugin) runs again")
    }
}

/// Reloads the configuration.
struct Reload: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Have the daemon read its configuration again, and say what is wrong with it.",
        discussion: """
            As SIGHUP (`systemctl reload mwdb-webhooks`), but with the problems printed here. An invalid configuration \
            changes nothing. `listen`, `spool` and `outbox` need a restart.

              mwdb-webhooks reload
            """)

    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let answer = try daemon.client().post("/api/reload")
        let problems = answer.json["problems"]?.elements ?? []
        let warnings = problems.map { Neutral.line(SettingsProblemLine.text($0)) + "\n" }.joined()
        try output.report(
            answer, warnings + "reloaded: " + Wording.count(answer.json["plugins"]?.integer ?? 0, "plugin"))
    }
}

extension OutputOptions {
    /// Prints the answer, or `text` about it.
    func report(_ answer: DaemonAnswer, _ text: String) throws(CommandFailure) {
        if json {
            try Terminal.standard.write(json: answer.bytes)
        } else {
            try Terminal.standard.write(Neutral.block(text))
        }
    }
}
