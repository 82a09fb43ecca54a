// `ping`: one test event to one plugin, and what came of it.

import ArgumentParser
import Glibc
import Model

/// Sends a test event.
struct Ping: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Send a test event to a plugin and show the answer.",
        discussion: """
            The request is the one that a real event would make, signature included. It is sent once, by the daemon; \
            nothing is stored and nothing written back to MWDB. A multipart plugin wants a sample to send. Exits 1 when \
            the answer does not count as delivered.

              mwdb-webhooks ping hello_world
              mwdb-webhooks ping drakvuf --sample ./harmless.exe
            """)

    @Argument(help: "The plugin.", completion: .plugins) var plugin: String
    @Option(
        help: ArgumentHelp("Hook of the event; by default the plugin's first.", valueName: "hook"),
        completion: .hooks)
    var hook: String?
    @Option(help: ArgumentHelp("File to send as the sample.", valueName: "file"), completion: .file())
    var sample: String?
    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        var target = Target("plugins", plugin, "ping")
        target.add("hook", hook)
        let client = try daemon.client()
        let answer: DaemonAnswer
        if let sample {
            guard access(sample, R_OK) == 0 else {
                throw CommandFailure("cannot read \(sample): \(String(cString: strerror(errno)))")
            }
            answer = try client.post(target.text, sample: sample)
        } else {
            answer = try client.post(target.text)
        }
        let terminal = Terminal.standard
        if output.json {
            try terminal.write(json: answer.bytes)
        } else {
            for line in PingReportText.lines(answer.json, style: terminal.style) { try terminal.write(line) }
        }
        if answer.json["delivered"]?.isTrue != true { throw ExitCode(1) }
    }
}
