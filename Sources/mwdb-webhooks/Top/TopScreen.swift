// What `top` shows, line by line, fitted to the screen. Pure: the daemon's answers, the time between them and the
// screen's size are parameters, so that a test can look at every size.

import Model
import Web

/// One screen of `top`.
struct TopScreen {
    /// The answer of /api/status.
    var status: JSON
    /// The one before, for what came to pass between them; nil at the first.
    var previous: JSON?
    /// Rows left out at the top of the table.
    var scroll = 0

    /// The screen, at most `height` lines of at most `width` columns; nil: as much as there is.
    func lines(width: Int?, height: Int?, style: Style) -> [String] {
        let head = heading(style)
        let rows = table.lines(width: width, style: style)
        var lines = head + [""] + rows.prefix(1)
        var body = Array(rows.dropFirst())
        if let height {
            let room = max(1, height - lines.count - 1)
            let first = min(max(scroll, 0), max(0, body.count - room))
            let hidden = body.count - room
            body = Array(body.dropFirst(first).prefix(room))
            lines += body + repeatElement("", count: max(0, height - 1 - lines.count - body.count))
            lines.append(
                "q quit"
                    + (hidden > 0
                        ? ", arrows scroll (\(first + 1)-\(first + body.count) of \(rows.count - 1))" : ""))
            lines = Array(lines.prefix(height))
        } else {
            lines += body
        }
        return width.map { width in lines.map { Self.cut($0, to: width) } } ?? lines
    }

    /// Rows of the table.
    var count: Int { plugins.count }

    private var now: Timestamp? { status["now"]?.text.flatMap(Timestamp.init(rfc3339:)) }

    /// Seconds between the two answers, by the daemon's own clock.
    private var seconds: Double? {
        guard let now, let before = previous?["now"]?.text.flatMap(Timestamp.init(rfc3339:)), now > before
        else { return nil }
        return Double((now - before).milliseconds) / 1000
    }

    private func heading(_ style: Style) -> [String] {
        let intake = status["intake"] ?? .null
        let outbox = status["outbox"] ?? .null
        func size(_ key: String) -> String { Wording.size(Int64(outbox[key]?.integer ?? 0)) }
        let ready =
            status["ready"]?.isTrue == true
            ? style.good("ready") : style.bad("NOT READY: ") + Neutral.line(status.shown("not_ready_because"))
        var accepted = "Intake: \(intake.shown("accepted")) accepted"
        if let rate = rate(intake["accepted"]?.integer, previous?["intake"]?["accepted"]?.integer) {
            accepted += " (\(rate)/s)"
        }
        accepted += ", \(intake.shown("waiting_files")) files wait"
        if let lost = intake["lost_at_source"]?.integer, lost > 0 {
            accepted += ", " + style.bad("\(lost) lost at MWDB")
        }
        return [
            "mwdb-webhooks \(Neutral.line(status.shown("version"))), up \(age(status["started_at"])), "
                + "\(status.moment("now")) UTC, " + ready,
            accepted,
            "Outbox: \(size("database_bytes")), \(size("disk_free_bytes")) of \(size("disk_total_bytes")) free",
        ]
    }

    /// The plugins, those with the largest backlog first.
    private var plugins: [JSON] {
        (status["plugins"]?.elements ?? []).map { (pending($0), $0) }
            .sorted { left, right in
                left.0 != right.0 ? left.0 > right.0 : left.1.shown("name") < right.1.shown("name")
            }.map(\.1)
    }

    private func pending(_ plugin: JSON) -> Int {
        ["ready", "waiting", "started", "blocked"].reduce(0) {
            $0 + (plugin["deliveries"]?[$1]?.integer ?? 0)
        }
    }

    private var table: Table {
        var table = Table([
            .text("PLUGIN", shrinksTo: 8), .text("STATE", shrinksTo: 7), .number("PENDING"),
            .number("OLDEST"),
            .number("HELD"), .number("DEAD"), .number("FLIGHT"), .number("OK/S"), .number("FAIL/S"),
            .number("RETRY"),
        ])
        for plugin in plugins {
            let deliveries = plugin["deliveries"] ?? .null
            let before = previous?["plugins"]?.elements.first { $0["name"] == plugin["name"] }
            func speed(_ key: String) -> String {
                rate(plugin[key]?.integer, before?[key]?.integer) ?? "-"
            }
            table.add([
                plugin.shown("name"), plugin.shown("state"), String(pending(plugin)),
                age(plugin["oldest_pending"]), deliveries.shown("held"), deliveries.shown("dead"),
                "\(plugin.shown("in_flight"))/\(plugin.shown("window"))", speed("delivered"), speed("failed"),
                until(plugin["next_retry"]),
            ])
        }
        return table
    }

    /// A second's worth of what a counter has grown by; nil where nobody knows, as after a restart.
    private func rate(_ count: Int?, _ before: Int?) -> String? {
        guard let count, let before, let seconds, count >= before else { return nil }
        let tenths = Int((Double(count - before) / seconds * 10).rounded())
        return tenths >= 1000 || tenths % 10 == 0 ? String(tenths / 10) : "\(tenths / 10).\(tenths % 10)"
    }

    private func age(_ moment: JSON?) -> String {
        guard let now, let moment = moment?.text.flatMap(Timestamp.init(rfc3339:)) else { return "-" }
        return Wording.age(now - moment)
    }

    private func until(_ moment: JSON?) -> String {
        guard let now, let moment = moment?.text.flatMap(Timestamp.init(rfc3339:)) else { return "-" }
        return moment <= now ? "now" : Wording.age(moment - now)
    }

    /// Cuts a line, in which escape sequences take no room and must not be cut.
    private static func cut(_ line: String, to width: Int) -> String {
        guard line.contains("\u{1b}") else { return Columns.cut(line, to: width) }
        let plain = line.replacing(/\u{1b}\[[0-9]*m/, with: "")
        return Columns.width(plain) <= width ? line : Columns.cut(plain, to: width)
    }
}
