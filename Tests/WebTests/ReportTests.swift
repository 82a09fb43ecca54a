// What commands say of the daemon's answers.

import Model
import Settings
import Testing

@testable import Web
@testable import mwdb_webhooks

@Suite("Reports")
struct ReportTests {
    private func parse(_ text: String) throws -> JSON { try JSON.parse(Array(text.utf8)) }

    private func status(_ intake: String = "", plugin: String = "", ready: String = "true") throws
        -> StatusReport
    {
        StatusReport(
            try parse(
                """
                {"version":"0.1.0","pid":7,"started_at":"2026-11-23T18:00:00.000Z","now":"2026-11-23T18:28:00.000Z",
                "ready":\(ready),"not_ready_because":"the disk is full","intake":{"accepted":1,"duplicates":0,
                "rejected_lines":0,"conflicts":0,"waiting_files":0,"sources":1\(intake)},
                "outbox":{"path":"/o","database_bytes":2000,"disk_free_bytes":1,"disk_total_bytes":2},
                "spool":{"path":"/s"},"plugins":[{"name":"drakvuf","state":"misconfigured",
                "reason":"HTTP 404 \\u001b[31m","deliveries":{"ready":1,"waiting":2,"held":3,"dead":4},"in_flight":0,
                "window":4,"oldest_pending":"2026-11-23T17:28:00.000Z","next_retry":"2026-11-23T18:29:00.000Z",
                "delivered":5,"failed":6,"last_failure":null\(plugin)}]}
                """))
    }

    @Test("Status says that MWDB never wrote, where, and what to look at")
    func neverWrote() throws {
        let lines = try status().heading(style: .plain)
        #expect(
            lines.contains { $0.hasPrefix("MWDB never wrote here: there is no heartbeat in /s/heartbeat") })
        let wrote = try status(",\"last_heartbeat\":\"2026-11-23T18:27:50.000Z\"").heading(style: .plain)
        #expect(wrote.contains("MWDB wrote to /s 10 s ago (1 process)"))
    }

    @Test("Status shows losses, refusals and why it is not ready")
    func trouble() throws {
        let text = try status(",\"lost_at_source\":3,\"refused_because\":\"no room\"", ready: "false")
            .heading(style: .plain).joined(separator: "\n")
        #expect(text.contains("NOT READY: the disk is full"))
        #expect(text.contains("3 events lost at MWDB"))
        #expect(text.contains("Nothing is taken in: no room"))
    }

    @Test("Status shows a plugin's figures, and its trouble below the table")
    func plugin() throws {
        let report = try status()
        let lines = report.table.lines(width: nil, style: .plain)
        #expect(
            lines[1].split(separator: " ").map(String.init) == [
                "drakvuf", "misconfigured", "3", "60", "min", "3", "4", "0/4", "5", "6", "in", "60", "s",
            ])
        #expect(report.reasons(style: .plain).contains("drakvuf is misconfigured: HTTP 404 \\x1b[31m"))
    }

    @Test("Status keeps quiet about write-backs that nobody asked for")
    func idleWriteBacks() throws {
        let idle = """
            },{"name":"mwdb","state":"disabled","reason":"set [mwdb] url","deliveries":{},"in_flight":0,"window":1,
            "delivered":0,"failed":0
            """
        #expect(try status(plugin: idle).table.lines(width: nil, style: .plain).count == 2)
        #expect(try !status(plugin: idle).reasons(style: .plain).contains { $0.contains("mwdb is") })
        let waiting = idle.replacing("{}", with: "{\"waiting\":1}")
        #expect(
            try status(plugin: waiting).reasons(style: .plain).contains { $0.contains("mwdb is disabled") })
    }

    @Test("Show lets nothing through that a receiver answered, on any line")
    func show() throws {
        let hostile = try parse(
            """
            {"id":"e/p\\u001b","state":"dead","reason":"\\u001b]0;\\u0007","hook":"h","object":"o\\u202e","body":{"a":"\\u009b"},
            "extracted":{"x":"\\u001b"},"task":null,"accepted_at":"2026-11-23T18:00:00.000Z",
            "updated_at":"2026-11-23T18:00:00.000Z","siblings":[{"id":"\\u001b","state":"held","attempts":1}],
            "tried":[{"number":1,"started_at":"2026-11-23T18:00:00.000Z","message":"\\u001b","remote_address":"\\u001b",
            "timings":{"connected":1,"first_byte":2,"total":3},"answer_headers":["a: \\u001b"],
            "answer_body":"line\\n\\u001b[2Jtwo\\r"}]}
            """)
        let lines = ShowReport(hostile, style: .plain).delivery
        #expect(lines.joined().unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value < 0x7f })
        #expect(lines.contains("  | \\x1b[2Jtwo\\r"))
        #expect(lines.contains("  because: \\x1b]0;\\x07"))
    }

    @Test("Check lists problems with their places and says whether the daemon would start")
    func check() {
        let error = SettingsProblem(
            .error, file: "a.ini", line: 3, section: "plugin:x", key: "url", message: "is no URL \u{1b}",
            suggestion: "Write http://…")
        let bad = CheckReport.lines(nil, [error], style: .plain)
        #expect(bad[0] == "a.ini:3: error: [plugin:x] url: is no URL \\x1b. Write http://….")
        #expect(bad[1] == "1 error: the daemon would not start")
        var settings = Settings()
        settings.files = ["a.ini"]
        var plugin = Plugin(name: "hello_world")
        plugin.url = Template(literal: "http://x/hunter2hunter2")
        settings.plugins = [plugin]
        settings.secretValues = ["hunter2hunter2"]
        let good = CheckReport.lines(settings, [], style: .plain)
        #expect(good.first == "The configuration is valid.")
        #expect(good.last == "  hello_world: http://x/[redacted]")
        #expect(CheckReport.json(nil, [error])["valid"] == .bool(false))
    }
}
