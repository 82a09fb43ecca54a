// What `status` says, from the daemon's JSON. Pure.

import Model
import Web

/// The daemon's status for people.
struct StatusReport {
    private let status: JSON
    private let now: Timestamp

    /// The answer of /api/status.
    init(_ status: JSON) {
        self.status = status
        now = status["now"]?.text.flatMap(Timestamp.init(rfc3339:)) ?? systemTime()
    }

    /// Lines about the daemon as a whole.
    func heading(style: Style) -> [String] {
        var lines = [
            "mwdb-webhooks \(status.shown("version")), pid \(status.shown("pid")), "
                + "running for \(age(status["started_at"]) ?? "-")"
        ]
        if status["ready"]?.isTrue == true {
            lines.append(style.good("Ready") + ": events are accepted")
        } else {
            lines.append(style.bad("NOT READY") + ": " + status.shown("not_ready_because"))
        }
        lines.append(source(style))
        lines += intake(style)
        lines.append(outbox)
        return lines.map(\.self)
    }

    /// One row a plugin.
    var table: Table {
        var table = Table([
            .text("PLUGIN", shrinksTo: 12), .text("STATE"), .number("PENDING"), .text("OLDEST"),
            .number("HELD"),
            .number("DEAD"), .number("IN FLIGHT"), .number("DELIVERED"), .number("FAILED"),
            .text("NEXT RETRY"),
        ])
        for plugin in plugins {
            let deliveries = plugin["deliveries"] ?? .null
            let pending = ["ready", "waiting", "started", "blocked"].reduce(0) {
                $0 + (deliveries[$1]?.integer ?? 0)
            }
            table.add([
                plugin.shown("name"), plugin.shown("state"), String(pending),
                age(plugin["oldest_pending"]) ?? "-",
                deliveries.shown("held"), deliveries.shown("dead"),
                "\(plugin.shown("in_flight"))/\(plugin.shown("window"))", plugin.shown("delivered"),
                plugin.shown("failed"), until(plugin["next_retry"]),
            ])
        }
        return table
    }

    /// Why plugins are not simply running, and what to do.
    func reasons(style: Style) -> [String] {
        var lines: [String] = []
        for plugin in plugins {
            let name = Neutral.line(plugin.shown("name"))
            if let reason = plugin["reason"]?.text {
                lines.append(style.doubtful("\(name) is \(plugin.shown("state")): \(Neutral.line(reason))"))
            }
            if let failure = plugin["last_failure"]?.text, failure != plugin["reason"]?.text {
                lines.append("\(name): last failure: \(Neutral.line(failure))")
            }
            for state in ["dead", "held"] {
                guard let count = plugin["deliveries"]?[state]?.integer, count > 0 else { continue }
                lines.append(
                    "\(name): \(Wording.count(count, "delivery")) \(state); see: "
                        + "mwdb-webhooks deliveries --plugin \(name) --state \(state)")
            }
            if plugin["state"]?.text == "paused" {
                lines.append("  when it is mended: mwdb-webhooks resume \(name)")
            }
        }
        return lines.isEmpty ? [] : [""] + lines
    }

    /// Without the queue of write-backs where nothing is ever written back.
    private var plugins: [JSON] {
        (status["plugins"]?.elements ?? []).filter { plugin in
            let kept = plugin["deliveries"]?.members.contains { ($0.value.integer ?? 0) > 0 } ?? false
            return plugin["name"] != .string("mwdb") || plugin["state"] != .string("disabled") || kept
        }
    }

    private func source(_ style: Style) -> String {
        let intake = status["intake"] ?? .null
        let spool = Neutral.line(status["spool"]?.shown("path") ?? "-")
        guard let heartbeat = age(intake["last_heartbeat"]) else {
            return style.doubtful("MWDB never wrote here")
                + ": there is no heartbeat in \(spool)/heartbeat. Is the plugin loaded in MWDB, and is its `spool` "
                + "this folder?"
        }
        return
            "MWDB wrote to \(spool) \(heartbeat) ago (\(Wording.count(intake["sources"]?.integer ?? 0, "process")))"
    }

    private func intake(_ style: Style) -> [String] {
        let intake = status["intake"] ?? .null
        var lines = [
            "Intake since the start: \(intake.shown("accepted")) accepted, \(intake.shown("duplicates")) duplicates, "
                + "\(intake.shown("rejected_lines")) lines rejected, \(intake.shown("conflicts")) id conflicts; "
                + "\(intake.shown("waiting_files")) spool files waiting"
        ]
        if let reason = intake["refused_because"]?.text {
            lines.append(style.bad("Nothing is taken in") + ": " + Neutral.line(reason))
        }
        if let lost = intake["lost_at_source"]?.integer, lost > 0 {
            lines.append(
                style.bad("\(Wording.count(lost, "event")) lost at MWDB")
                    + ": its event source could not write to the spool (see the events `source.lost`)")
        }
        if let files = intake["rejected_files"]?.integer, files > 0 {
            let spool = Neutral.line(status["spool"]?.shown("path") ?? "-")
            lines.append(
                style.doubtful("\(Wording.count(files, "spool file")) with rejected lines")
                    + ": see \(spool)/rejected")
        }
        return lines
    }

    private var outbox: String {
        let outbox = status["outbox"] ?? .null
        func size(_ key: String) -> String { Wording.size(Int64(outbox[key]?.integer ?? 0)) }
        return "Outbox: \(size("database_bytes")) in \(Neutral.line(outbox.shown("path"))), "
            + "\(size("disk_free_bytes")) of \(size("disk_total_bytes")) free"
    }

    private func age(_ moment: JSON?) -> String? {
        moment?.text.flatMap(Timestamp.init(rfc3339:)).map { Wording.age(now - $0) }
    }

    private func until(_ moment: JSON?) -> String {
        guard let moment = moment?.text.flatMap(Timestamp.init(rfc3339:)) else { return "-" }
        return moment <= now ? "now" : "in " + Wording.age(moment - now)
    }
}
