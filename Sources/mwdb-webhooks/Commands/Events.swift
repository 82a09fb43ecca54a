// `events`: what came in, newest first.

import ArgumentParser
import Model

/// Lists events.
struct Events: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List events, newest first.",
        discussion: """
            An event that no plugin wanted keeps only its id. `show ID` has the rest.

              mwdb-webhooks events --hook on_created_file --since 2h
            """)

    @OptionGroup var filter: EventFilterOptions
    @OptionGroup var page: PageOptions
    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        var target = Target("events")
        target.add(filter.members)
        target.add("limit", String(page.limit))
        target.add("after", page.after)
        let answer = try daemon.client().get(target.text)
        let terminal = Terminal.standard
        if output.json { return try terminal.write(json: answer.bytes) }
        var table = Table([
            .text("EVENT"), .text("ACCEPTED (UTC)"), .text("HOOK"), .text("OBJECT", shrinksTo: 12),
            .text("ACTOR", shrinksTo: 8), .text("KEPT"),
        ])
        for event in answer.json["events"]?.elements ?? [] {
            table.add([
                event.shown("id"), event.moment("accepted_at"), event.shown("hook"), event.shown("object"),
                event.shown("actor"), event.shown("kept"),
            ])
        }
        try terminal.write(table)
        try terminal.writeNext(answer.json, command: "events")
    }
}

extension Terminal {
    /// How to get the next page, if there is one.
    func writeNext(_ page: JSON, command: String) throws(CommandFailure) {
        guard let next = page["next"]?.text else { return }
        try write("more: mwdb-webhooks \(command) … --after \(Neutral.line(next))")
    }
}
