// Which deliveries `retry` and `cancel` mean, and what they say of it.

import ArgumentParser
import Model

/// Which deliveries, and whether only to count them.
struct SelectionOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("Deliveries, EVENT/PLUGIN[/STEP].", valueName: "id"))
    var ids: [String] = []

    @OptionGroup var filter: DeliveryFilterOptions

    @Flag(help: "Every delivery to which it applies.") var all = false
    @Flag(help: "Only count what would be changed.") var dryRun = false

    init() {}

    /// The options of a command that has them under other names.
    init(ids: [String], filter: DeliveryFilterOptions, all: Bool, dryRun: Bool) {
        self.ids = ids
        self.filter = filter
        self.all = all
        self.dryRun = dryRun
    }

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
            let more = answer.json["more"]?.isTrue == true ? "at least " : ""
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
