// What the scenario `pages` asks of a daemon: every command, and what the dashboard asks the API for.

import Outbox

/// Commands and requests about an outbox that has these rows.
package struct PagesCommands {
    /// Id of an event.
    package var event: String
    /// Name of one of its deliveries.
    package var delivery: String
    /// A plugin.
    package var plugin: String
    /// A private folder.
    package var folder: String

    /// Commands about these rows.
    package init(event: String, delivery: String, plugin: String, folder: String) {
        (self.event, self.delivery, self.plugin, self.folder) = (event, delivery, plugin, folder)
    }

    /// Without one of their own measurement: `bench` itself, and `backfill`, whose first answer is MWDB's.
    package static let leftOut = ["bench", "backfill"]
    /// Measured where the daemon starts and after it has stopped.
    package static let around = ["run", "fsck"]

    private static let filters = [
        "", "--plugin mixed", "--state ready", "--state waiting",
        "--state dead,held".replacing(",", with: " --state "),
        "--status 400", "--status 418", "--hook on_removed_user", "--object \(PagesOutbox.rare)",
        "--since 1h",
        "--until 1h", "--plugin delivered --status 418", "--plugin mixed --state held --since 1h",
    ]

    /// Commands that answer and end.
    package var answering: [String] {
        let lists = Self.filters.map { "deliveries " + $0 }
        return lists + [
            "status", "plugins", "plugins \(plugin)", "plugins --names", "top --once", "events",
            "events --hook on_removed_user", "events --object \(PagesOutbox.rare)", "show \(event)",
            "show \(delivery)", "jobs", "check", "reload", "token", "secret", "ping \(plugin)",
            "pause \(plugin)",
            "resume \(plugin)", "retry --all --dry-run", "retry --hook on_removed_user --dry-run",
            "retry --status 400 --since 1h --dry-run", "cancel --all --dry-run",
            "cancel --status 503 --dry-run",
            "cancel --object \(PagesOutbox.rare) --dry-run", "replay --to \(plugin) --all --dry-run",
            "replay --to \(plugin) --hook on_removed_user --dry-run", "replay --to delivered \(event)",
            "export --until 2020-01-01",
        ]
    }

    /// Commands that change a delivery, so that they can be run once, in this order.
    package var changing: [String] { ["cancel \(delivery)", "retry \(delivery)"] }

    /// Commands that take long by nature, or never end: what counts is when they say something.
    package var working: [String] {
        [
            "receiver --listen 127.0.0.1:0", "export --output \(folder)/events.ndjson",
            "import \(folder)/events.ndjson",
        ]
    }

    /// Jobs on everything there is.
    package var jobs: [String] {
        ["retry --all", "replay --to delivered --all", "cancel --all"]
    }

    /// What pages and scrapers GET.
    package var pages: [String] {
        let filters = Self.filters.filter { !$0.contains("1h") }.map { filter in
            "/api/deliveries"
                + filter.replacing(" --state held", with: ",held").replacing(" --", with: "&").replacing(
                    "--", with: "?"
                )
                .replacing(" ", with: "=")
        }
        return filters + [
            "/", "/healthz", "/readyz", "/metrics", "/api/about", "/api/session", "/api/status",
            "/api/plugins",
            "/api/plugins/\(plugin)", "/api/ages", "/api/history", "/api/history?minutes=60", "/api/audit",
            "/api/jobs",
            "/api/dead-letters", "/api/dead-letters?state=held", "/api/events",
            "/api/events?hook=on_removed_user",
            "/api/events?object=\(PagesOutbox.rare)", "/api/events/\(event)", "/api/events/export",
            "/api/deliveries/\(delivery)", "/api/requests/\(delivery)",
            "/api/deliveries?until=2020-01-01T00:00:00Z",
            "/api/deliveries?since=2020-01-01T00:00:00Z&status=418",
        ]
    }
}
