// Which deliveries `retry` and `cancel` mean. Named ones are changed at once; many are a job that the daemon keeps.

import ArgumentParser
import Model

/// Which deliveries, and how.
struct SelectionOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("Deliveries, EVENT/PLUGIN[/STEP].", valueName: "id"))
    var ids: [String] = []

    @OptionGroup var filter: DeliveryFilterOptions

    @Flag(help: "Every delivery to which it applies.") var all = false
    @OptionGroup var job: JobOptions

    func validate() throws {
        guard !ids.isEmpty || !filter.members.isEmpty || all else {
            throw ValidationError("which deliveries? Name them, give a filter such as --plugin, or say --all")
        }
        guard ids.isEmpty || (filter.members.isEmpty && !all) else {
            throw ValidationError("either name deliveries or give a filter, not both")
        }
        guard ids.isEmpty || (job.rate == nil && !job.background) else {
            throw ValidationError(
                "--rate and --background are for a filter; named deliveries are done at once")
        }
    }

    /// Asks the daemon to do `verb`, and says what came of it.
    func perform(_ verb: String, done: String, _ daemon: DaemonOptions, _ output: OutputOptions) throws {
        guard !ids.isEmpty else {
            let members = filter.members + (all ? [.init(key: "all", value: .bool(true))] : [])
            return try job.perform(verb, members, noun: "delivery", done: done, daemon, output)
        }
        var members: [JSON.Member] = [.init(key: "ids", value: .array(ids.map(JSON.string)))]
        if job.dryRun { members.append(.init(key: "dry_run", value: .bool(true))) }
        let answer = try daemon.client().post("/api/deliveries/" + verb, .object(members))
        guard !job.dryRun else {
            let matched = answer.json["matched"]?.integer ?? 0
            return try output.report(answer, "would apply to " + Wording.count(matched, "delivery"))
        }
        let changed = answer.json["changed"]?.integer ?? 0
        try output.report(answer, Wording.count(changed, "delivery") + " " + done)
        if changed == 0 {
            throw CommandFailure(
                "none of them is in a state in which this can be done; see `mwdb-webhooks show ID`")
        }
    }
}
