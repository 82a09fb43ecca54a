// `retry`: deliveries at once, whatever became of them. Named ones at once; many as a job that the daemon keeps.

import ArgumentParser

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

    @OptionGroup var selection: SelectionOptions
    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        try selection.perform("retry", done: "will be tried at once", daemon, output)
    }
}
