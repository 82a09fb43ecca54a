// `show`: everything that is known of one event or one delivery.

import ArgumentParser
import Model

/// Shows an event or a delivery.
struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show an event with its deliveries, or a delivery with its attempts.",
        discussion: """
            An event's id is the `webhook-id` that receivers got. A delivery is EVENT/PLUGIN, a write-back that it \
            caused EVENT/PLUGIN/STEP.

              mwdb-webhooks show 01936b1e-0c52-7e6a-b9d2-7d2f1a3c4b5d
              mwdb-webhooks show 01936b1e-0c52-7e6a-b9d2-7d2f1a3c4b5d/drakvuf
            """)

    @Argument(help: "Id of an event or a delivery.") var id: String
    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let parts = id.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let target: Target
        switch parts.count {
        case 1: target = Target("events", parts[0])
        case 2: target = Target("deliveries", parts[0], parts[1])
        case 3: target = Target("deliveries", parts[0], parts[1], parts[2])
        default: throw ValidationError("'\(id)' is neither EVENT nor EVENT/PLUGIN nor EVENT/PLUGIN/STEP")
        }
        let answer = try daemon.client().get(target.text)
        let terminal = Terminal.standard
        if output.json { return try terminal.write(json: answer.bytes) }
        let report = ShowReport(answer.json, style: terminal.style)
        let lines = parts.count == 1 ? report.event : report.delivery
        for line in lines { try terminal.write(line) }
    }
}
