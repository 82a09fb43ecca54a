// `deliveries`: what is, was or will be sent, newest first.

import ArgumentParser
import Model

/// Lists deliveries.
struct Deliveries: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List deliveries, newest first.",
        discussion: """
            States: ready, waiting (for its next attempt), blocked (behind an earlier delivery, by order), started (may \
            have been sent when the daemon died), held (for you), dead (given up, with a reason), delivered, cancelled.

              mwdb-webhooks deliveries --plugin drakvuf --state dead
              mwdb-webhooks deliveries --status 503 --since 1d --json
            """)

    @OptionGroup var filter: DeliveryFilterOptions
    @OptionGroup var page: PageOptions
    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let answer = try rows(daemon.client())
        let terminal = Terminal.standard
        if output.json { return try terminal.write(json: answer.serialised()) }
        var table = Table([
            .text("DELIVERY"), .text("STATE"), .number("TRIES"), .number("STATUS"),
            .text("HOOK", shrinksTo: 10),
            .text("UPDATED (UTC)"), .text("WHY", shrinksTo: 16),
        ])
        for delivery in answer["deliveries"]?.elements ?? [] {
            table.add([
                delivery.shown("id"), delivery.shown("state"), delivery.shown("attempts"),
                delivery.shown("status"),
                delivery.shown("hook"), delivery.moment("updated_at"), delivery.shown("reason"),
            ])
        }
        try terminal.write(table)
        try terminal.writeNext(answer, command: "deliveries")
    }

    /// For so long a list goes on looking for rows that are rare; beyond, it says where to go on.
    private static let patience = Duration.milliseconds(100)

    /// A page of the daemon's may be empty though there are more: goes on until there are as many rows as asked for.
    private func rows(_ client: DaemonClient) throws -> JSON {
        var rows: [JSON] = []
        var after = page.after
        let end = ContinuousClock.now + Self.patience
        repeat {
            var target = Target("deliveries")
            target.add(filter.members)
            target.add("limit", String(page.limit - rows.count))
            target.add("after", after)
            let answer = try client.get(target.text).json
            rows += answer["deliveries"]?.elements ?? []
            after = answer["next"]?.text
        } while after != nil && rows.count < page.limit && ContinuousClock.now < end
        return .object([
            .init(key: "deliveries", value: .array(rows)),
            .init(key: "next", value: after.map(JSON.string) ?? .null),
        ])
    }
}
