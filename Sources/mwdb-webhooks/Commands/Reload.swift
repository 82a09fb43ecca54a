// `reload`: the configuration anew, with what is wrong with it.

import ArgumentParser
import Model

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
