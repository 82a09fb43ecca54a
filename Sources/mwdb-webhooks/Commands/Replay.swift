// `replay`: events again, or for the first time, to one plugin.

import ArgumentParser
import Model

/// Delivers events again.
struct Replay: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Deliver events again to a plugin, or for the first time.",
        discussion: """
            For a receiver that lost what it got, or a plugin that is new. Events keep their webhook-id, so that a \
            receiver which is idempotent ignores those it has; --new-id makes each a new event. The plugin's rate and \
            concurrency hold.

              mwdb-webhooks replay --to drakvuf --hook on_created_file --since 1d --dry-run
              mwdb-webhooks replay --to splunk 01936b1e-0c52-7e6a-b9d2-7d2f1a3c4b5d
            """)

    @Argument(help: ArgumentHelp("Ids of events.", valueName: "event")) var events: [String] = []
    @Option(help: ArgumentHelp("The plugin that gets them.", valueName: "plugin")) var to: String
    @OptionGroup var filter: EventFilterOptions
    @Flag(help: "Each as a new event with an id of its own.") var newID = false
    @Flag(help: "Every event that is kept.") var all = false
    @Flag(help: "Only count what would be replayed.") var dryRun = false
    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard !events.isEmpty || !filter.members.isEmpty || all else {
            throw ValidationError("which events? Name them, give a filter such as --since 1d, or say --all")
        }
        guard events.isEmpty || (filter.members.isEmpty && !all) else {
            throw ValidationError("either name events or give a filter, not both")
        }
    }

    func run() throws {
        var members = filter.members + [.init(key: "plugin", value: .string(to))]
        if !events.isEmpty { members.append(.init(key: "events", value: .array(events.map(JSON.string)))) }
        for (key, flag) in [("new_id", newID), ("all", all), ("dry_run", dryRun)] where flag {
            members.append(.init(key: key, value: .bool(true)))
        }
        let answer = try daemon.client().post("/api/deliveries/replay", .object(members))
        let terminal = Terminal.standard
        if output.json { return try terminal.write(json: answer.bytes) }
        if dryRun {
            let more = answer.json["more"]?.isTrue == true ? "more than " : ""
            return try terminal.write(
                "would replay \(more)" + Wording.count(answer.json["matched"]?.integer ?? 0, "event"))
        }
        try terminal.write(
            "\(Wording.count(answer.json["replayed"]?.integer ?? 0, "event")) will be delivered to \(Neutral.line(to)); "
                + "\(answer.json.shown("skipped")) skipped (unknown, no longer kept, or pending anyway)")
    }
}
