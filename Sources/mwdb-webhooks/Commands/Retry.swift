// `retry`: deliveries at once, whatever became of them. Named ones at once; many as a job that the daemon keeps.

import ArgumentParser
import Model

/// Tries deliveries at once.
struct Retry: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Try waiting, held, dead or cancelled deliveries at once.",
        discussion: """
            They keep their webhook-id. What is delivered already is not sent again; that is `replay`.

            Chosen by a filter, it is a job that the daemon keeps: each delivery is made ready once, also when daemon or \
            command are killed meanwhile. Ctrl-C stops it, `jobs N --resume` goes on where it was.

              mwdb-webhooks retry 01936b1e-0c52-7e6a-b9d2-7d2f1a3c4b5d/drakvuf
              mwdb-webhooks retry --plugin drakvuf --state dead --dry-run
              mwdb-webhooks retry --plugin drakvuf --state dead --since 2d --rate 10/m
            """)

    @Argument(help: ArgumentHelp("Deliveries, EVENT/PLUGIN[/STEP].", valueName: "id"))
    var ids: [String] = []
    @OptionGroup var filter: DeliveryFilterOptions
    @Flag(help: "Every delivery to which it applies.") var all = false
    @OptionGroup var job: JobOptions
    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    private var selection: SelectionOptions {
        SelectionOptions(ids: ids, filter: filter, all: all, dryRun: job.dryRun)
    }

    func validate() throws {
        try selection.validate()
        guard ids.isEmpty || (job.rate == nil && !job.background) else {
            throw ValidationError(
                "--rate and --background are for a filter; named deliveries are tried at once")
        }
    }

    func run() throws {
        let done = "will be tried at once"
        guard ids.isEmpty else { return try selection.perform("retry", done: done, daemon, output) }
        let members = filter.members + (all ? [.init(key: "all", value: .bool(true))] : [])
        try job.perform("retry", members, noun: "delivery", done: done, daemon, output)
    }
}
