// What `top` shows, at every size of the screen.

import Model
import Testing

@testable import mwdb_webhooks

@Suite("Top")
struct TopTests {
    private func status(_ second: Int, delivered: Int, plugins: Int = 1) throws -> JSON {
        let rows = (0..<plugins).map { number in
            """
            {"name":"p\(number)","state":"running","deliveries":{"ready":\(number),"waiting":2,"held":3,"dead":4},
            "in_flight":1,"window":4,"oldest_pending":"2026-11-23T17:28:00.000Z","next_retry":null,
            "delivered":\(delivered),"failed":6,"last_failure":null}
            """
        }
        return try JSON.parse(
            Array(
                """
                {"version":"1\\u001b[2J","started_at":"2026-11-23T18:00:00.000Z",
                "now":"2026-11-23T18:28:0\(second).000Z","ready":true,"not_ready_because":null,
                "intake":{"accepted":\(delivered),"waiting_files":0,"lost_at_source":2},
                "outbox":{"database_bytes":2000,"disk_free_bytes":1,"disk_total_bytes":2},
                "plugins":[\(rows.joined(separator: ","))]}
                """.utf8))
    }

    @Test("Rates are what came between two looks, and unknown at the first and after a restart")
    func rates() throws {
        var screen = TopScreen(status: try status(0, delivered: 10))
        #expect(
            screen.lines(width: nil, height: nil, style: .plain)[5].split(separator: " ").suffix(3) == [
                "-", "-", "-",
            ])
        screen.previous = screen.status
        screen.status = try status(2, delivered: 15)
        let lines = screen.lines(width: nil, height: nil, style: .plain)
        #expect(lines[5].split(separator: " ").suffix(3) == ["2.5", "0", "-"])
        #expect(lines[1] == "Intake: 15 accepted (2.5/s), 0 files wait, 2 lost at MWDB")
        screen.previous = screen.status
        screen.status = try status(4, delivered: 1)
        #expect(
            screen.lines(width: nil, height: nil, style: .plain)[5].split(separator: " ").suffix(3) == [
                "-", "0", "-",
            ])
    }

    @Test(
        "It fits every screen, and nothing on it acts on the terminal",
        arguments: [(80, 24), (40, 8), (20, 3), (200, 60)])
    func fits(width: Int, height: Int) throws {
        var screen = TopScreen(status: try status(0, delivered: 1, plugins: 50))
        screen.scroll = 1_000
        let lines = screen.lines(width: width, height: height, style: .plain)
        #expect(lines.count == height)
        #expect(lines.allSatisfy { Columns.width($0) <= width && !$0.contains("\u{1b}") })
        if height == 24 {
            #expect(lines.last == "q quit, arrows scroll (33-50 of 50)")
            #expect(lines[5].hasPrefix("p17"), "the largest backlog is first")
            #expect(lines[4].hasSuffix("RETRY"), "the whole table is there")
        }
    }

    @Test("What stands behind an earlier delivery is backlog as well, here and in `status`")
    func blocked() throws {
        let plain = String(decoding: try status(0, delivered: 1, plugins: 2).serialised(), as: UTF8.self)
        let text = plain.replacing("\"held\":3", with: "\"held\":3,\"blocked\":40")
        let status = try JSON.parse(Array(text.utf8))
        let screen = TopScreen(status: status).lines(width: nil, height: nil, style: .plain)
        #expect(screen[5].split(separator: " ")[2] == "43")
        let report = StatusReport(status).table.lines(width: nil, style: .plain)
        #expect(report[2].split(separator: " ")[2] == "43")
    }

    @Test("Keys")
    func keys() {
        #expect(LiveScreen.key(Array("q".utf8)[...]) == .quit)
        #expect(LiveScreen.key(Array("\u{1b}[A".utf8)[...]) == .up)
        #expect(LiveScreen.key(Array("\u{1b}[6~".utf8)[...]) == .pageDown)
        #expect(LiveScreen.key(Array("x".utf8)[...]) == .other)
    }
}
