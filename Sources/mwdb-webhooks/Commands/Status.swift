// `status`: how the daemon and each plugin are doing, and what needs attention.

import ArgumentParser
import Model

/// Shows how the daemon is doing.
struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show how the daemon and each plugin are doing.",
        discussion: """
            States: running; slowed (the receiver or a rate asked for it); suspended (the receiver does not answer, a \
            probe is sent now and then); misconfigured (URL, token or certificate are refused; tried all the same); \
            paused; disabled.

              mwdb-webhooks status
              mwdb-webhooks status --json | jq '.plugins[] | select(.state != "running")'
            """)

    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let answer = try daemon.client().get("/api/status")
        let terminal = Terminal.standard
        if output.json { return try terminal.write(json: answer.bytes) }
        let report = StatusReport(answer.json)
        for line in report.heading(style: terminal.style) { try terminal.write(line) }
        try terminal.write()
        try terminal.write(report.table)
        for line in report.reasons(style: terminal.style) { try terminal.write(line) }
    }
}
