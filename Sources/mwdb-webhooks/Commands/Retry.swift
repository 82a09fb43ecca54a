// `retry` and `cancel`: what is to be done with deliveries, one or many.

import ArgumentParser
import Model

/// Which deliveries, and whether only to count them.
struct SelectionOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("Deliveries, EVENT/PLUGIN[/STEP].", valueName: "id"))
    var ids: [String] = []

    @OptionGroup var filter: DeliveryFilterOptions

    @Flag(help: "Every delivery to which it applies.") var all = false
    @Flag(help: "Only count what would be changed.") var dryRun = false

    func validate() throws {
        guard !ids.isEmpty || !filter.members.isEmpty || all else {
            throw ValidationError("which deliveries? Name them, give a filter such as --plugin, or say --all")
        }
        guard ids.isEmpty || (filter.members.isEmpty && !all) else {
            throw ValidationError("either name deliveries or give a filter, not both")
        }
    }

    /// As the daemon wants it.
    var body: JSON {
        var members = filter.members
        if !ids.isEmpty { members.append(.init(key: "ids", value: .array(ids.map(JSON.string)))) }
        if all { members.append(.init(key: "all", value: .bool(true))) }
        if dryRun { members.append(.init(key: "dry_run", value: .bool(true))) }
        return .object(members)
    }

    /// Asks the daemon to do `verb`, and says what came of it.
    func perform(_ verb: String, done: String, _ daemon: DaemonOptions, _ output: OutputOptions) throws {
        let answer = try daemon.client().post("/api/deliveries/" + verb, body)
        let terminal = Terminal.standard
        if output.json { return try terminal.write(json: answer.bytes) }
        if dryRun {
            let more = answer.json["more"]?.isTrue == true ? "more than " : ""
            return try terminal.write(
                "would apply to \(more)" + Wording.count(answer.json["matched"]?.integer ?? 0, "delivery"))
        }
        let changed = answer.json["changed"]?.integer ?? 0
        try terminal.write(Wording.count(changed, "delivery") + " " + done)
        if changed == 0, !ids.isEmpty {
            throw CommandFailure(
                "none of them is in a state in which this can be done; see `mwdb-webhooks show ID`")
        }
    }
}

/// Tries deliveries at once.
struct Retry: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Try waiting, held, dead or cancelled deliveries at once.",
        discussion: """
            They keep their webhook-id. What is delivered already is not sent again; that is `replay`.

              mwdb-webhooks retry 01936b1e-0c52-7e6a-b9d2-7d2f1a3c4b5d/drakvuf
              mwdb-webhooks retry --plugin drakvuf --state dead --dry-run
            """)

    @OptionGroup var selection: SelectionOptions
    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        try selection.perform("retry", done: "will be tried at once", daemon, output)
    }
}

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
