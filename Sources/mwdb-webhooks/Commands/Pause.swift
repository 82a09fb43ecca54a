// `pause`: a plugin waits, and loses nothing.

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

    @Argument(help: "The plugin; `mwdb` for write-backs.", completion: .plugins) var plugin: String
    @Option(help: ArgumentHelp("Why, for whoever looks at `status`.", valueName: "text")) var because: String?
    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let body = because.map { JSON.object([.init(key: "reason", value: .string($0))]) }
        let answer = try daemon.client().post(Target("plugins", plugin, "pause").text, body)
        try output.report(answer, "\(plugin) is paused; go on with: mwdb-webhooks resume \(plugin)")
    }
}
