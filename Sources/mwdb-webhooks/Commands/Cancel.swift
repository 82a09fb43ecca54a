// `cancel`: deliveries that nobody wants any more.

import ArgumentParser

/// Calls deliveries off.
struct Cancel: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Call deliveries off that are not delivered.",
        discussion: """
            They are kept for a while and can be retried. One that is being sent at this moment may still arrive.

              mwdb-webhooks cancel --plugin retired_sandbox
            """)

    @OptionGroup var selection: SelectionOptions
    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        try selection.perform("cancel", done: "called off", daemon, output)
    }
}
