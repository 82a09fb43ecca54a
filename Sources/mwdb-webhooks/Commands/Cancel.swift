// `cancel`: deliveries that nobody wants any more. Named ones at once; many as a job that the daemon keeps.

import ArgumentParser

/// Calls deliveries off.
struct Cancel: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Call deliveries off that are not delivered.",
        discussion: """
            They are kept for a while and can be retried. One that is being sent at this moment may still arrive.

            Chosen by a filter, it is a job that the daemon keeps, about the events that are there when it begins. \
            Ctrl-C stops it, `jobs N --resume` goes on where it was.

              mwdb-webhooks cancel --plugin retired_sandbox --dry-run
              mwdb-webhooks cancel --plugin retired_sandbox
            """)

    @OptionGroup var selection: SelectionOptions
    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        try selection.perform("cancel", done: "called off", daemon, output)
    }
}
