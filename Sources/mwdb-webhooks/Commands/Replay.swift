// `replay`: events again, or for the first time, to one plugin. Named ones at once; many as a job that the daemon keeps.

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

            Chosen by a filter, it is a job that the daemon keeps: each event is replayed once, also when daemon or \
            command are killed meanwhile. Ctrl-C stops it, `jobs N --resume` goes on where it was.

              mwdb-webhooks replay --to drakvuf --hook on_created_file --since 1d --dry-run
              mwdb-webhooks replay --to drakvuf --all --rate 5/s
              mwdb-webhooks replay --to splunk 01936b1e-0c52-7e6a-b9d2-7d2f1a3c4b5d
            """)

    @Argument(help: ArgumentHelp("Ids of events.", valueName: "event")) var events: [String] = []
    @Option(help: ArgumentHelp("The plugin that gets them.", valueName: "plugin"), completion: .plugins)
    var to: String
    @OptionGroup var filter: EventFilterOptions
    @Flag(help: "Each as a new event with an id of its own.") var newID = false
    @Flag(help: "Every event that is kept.") var all = false
    @OptionGroup var job: JobOptions
    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard !events.isEmpty || !filter.members.isEmpty || all else {
            throw ValidationError("which events? Name them, give a filter such as --since 1d, or say --all")
        }
        guard events.isEmpty || (filter.members.isEmpty && !all) else {
            throw ValidationError("either name events or give a filter, not both")
        }
        guard events.isEmpty || (job.rate == nil && !job.background) else {
            throw ValidationError(
                "--rate and --background are for a filter; named events are replayed at once")
        }
    }

    func run() throws {
        var members = filter.members + [.init(key: "plugin", value: .string(to))]
        for (key, flag) in [("new_id", newID), ("all", all)] where flag {
            members.append(.init(key: key, value: .bool(true)))
        }
        let done = "will be delivered to \(Neutral.line(to))"
        guard !events.isEmpty else {
            return try job.perform("replay", members, noun: "event", done: done, daemon, output)
        }
        members.append(.init(key: "events", value: .array(events.map(JSON.string))))
        if job.dryRun { members.append(.init(key: "dry_run", value: .bool(true))) }
        let answer = try daemon.client().post("/api/deliveries/replay", .object(members))
        guard !job.dryRun else {
            return try output.report(
                answer, "would apply to " + Wording.count(answer.json["matched"]?.integer ?? 0, "event"))
        }
        let replayed = answer.json["replayed"]?.integer ?? 0
        try output.report(
            answer,
            "\(Wording.count(replayed, "event")) \(done); "
                + "\(answer.json.shown("skipped")) skipped (unknown, no longer kept, or pending anyway)")
        if replayed == 0 {
            throw CommandFailure("none of them can be delivered again; see `mwdb-webhooks show ID`")
        }
    }
}
