// Operational events: one at once, the rest gathered; nobody hears twice of the same outage.

import Model
import Testing

@testable import Dispatcher

struct NoticeRulesTests {
    private func at(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: seconds * 1000) }

    private func status(
        _ name: String, suspended: Bool = false, delivered: Int64 = 0, paused: String? = nil
    ) -> PluginStatus {
        var status = PluginStatus(name: name, state: paused == nil ? .running : .paused, reason: paused)
        status.isSuspended = suspended
        status.delivered = delivered
        status.lastFailure = suspended ? "connection refused" : nil
        return status
    }

    private func text(_ notice: Notice) -> String {
        String(decoding: JSON.object(notice.data).serialised(), as: UTF8.self)
    }

    @Test func theFirstDeathAtOnceAndTheRestAsOne() {
        var rules = NoticeRules()
        rules.died("a/x", of: "x", because: "400", now: at(0))
        let first = rules.due(at(0))
        #expect(first.map(\.type) == ["delivery.dead"] && first.map(\.plugin) == ["x"])
        for second in 1...200 {
            rules.died("b\(second)/x", of: "x", because: "413", now: at(Int64(second)))
            rules.died("c\(second)/y", of: "y", because: "400", now: at(Int64(second)))
            let others = rules.due(at(Int64(second)))
            #expect(others.map(\.plugin) == (second == 1 ? ["y"] : []))
        }
        #expect(rules.due(at(299)).isEmpty)
        let rest = rules.due(at(300))
        #expect(
            rest.map(text) == [
                #"{"plugin":"x","count":200,"first":"1970-01-01T00:00:01.000Z","last":"1970-01-01T00:03:20.000Z","#
                    + #""reason":"413","delivery":"b200/x"}"#
            ])
        #expect(rules.due(at(301)).map(\.plugin) == ["y"])
        #expect(rules.due(at(10_000)).isEmpty)
    }

    @Test func anOutageIsAnnouncedAndItsEndToo() {
        var rules = NoticeRules()
        rules.look(at: [status("x", delivered: 7)], now: at(0))
        #expect(rules.due(at(0)).isEmpty)
        rules.look(at: [status("x", suspended: true, delivered: 7)], now: at(5))
        let down = rules.due(at(5))
        #expect(
            down.map(text) == [
                #"{"plugin":"x","since":"1970-01-01T00:00:05.000Z","reason":"connection refused"}"#
            ])
        // A reload opens the window; that is no delivery yet.
        rules.look(at: [status("x", delivered: 7)], now: at(10))
        rules.look(at: [status("x", suspended: true, delivered: 7)], now: at(15))
        #expect(rules.due(at(15)).isEmpty)
        rules.look(at: [status("x", delivered: 8)], now: at(65))
        let up = rules.due(at(65))
        #expect(up.map(\.type) == ["plugin.recovered"])
        #expect(up.map(text) == [#"{"plugin":"x","since":"1970-01-01T00:00:05.000Z","down_seconds":60}"#])
    }

    @Test func aReceiverThatComesAndGoesIsAnnouncedOnceAnInterval() {
        var rules = NoticeRules()
        var types: [String] = []
        for step in 0..<60 {
            let moment = at(Int64(step) * 10)
            let isDown = step % 2 == 0
            rules.look(at: [status("x", suspended: isDown, delivered: Int64(step))], now: moment)
            types += rules.due(moment).map(\.type)
        }
        #expect(types == ["plugin.suspended", "plugin.recovered", "plugin.suspended", "plugin.recovered"])
    }

    @Test func pausesAreAnnouncedButNotThoseThatWereThere() {
        var rules = NoticeRules()
        rules.look(at: [status("old", paused: "410"), status("x")], now: at(0))
        #expect(rules.due(at(0)).isEmpty)
        rules.look(at: [status("old", paused: "410"), status("x", paused: "maintenance")], now: at(5))
        #expect(rules.due(at(5)).map(text) == [#"{"plugin":"x","reason":"maintenance"}"#])
        rules.look(at: [status("old"), status("x", paused: "maintenance")], now: at(10))
        #expect(rules.due(at(10)).isEmpty)
    }

    @Test func aShortDiskIsSaidOnceAndAgainAfterThereWasRoom() {
        var rules = NoticeRules()
        func looks(_ free: Int64?, _ second: Int64) -> [String] {
            rules.look(atFree: free, limit: 100, folder: "/outbox")
            return rules.due(at(second)).map(\.type)
        }
        #expect(looks(nil, 0) == [] && looks(200, 1) == [])
        #expect(looks(199, 2) == ["outbox.nearly_full"])
        #expect(looks(150, 400) == [] && looks(210, 401) == [] && looks(190, 402) == [])
        #expect(looks(300, 403) == [] && looks(190, 404) == ["outbox.nearly_full"])
        #expect(NoticeRules().isEmptyWithoutLimit)
        var largest = NoticeRules()
        largest.look(atFree: 5, limit: .max, folder: "/outbox")
        #expect(largest.due(at(0)).map(\.type) == ["outbox.nearly_full"])
    }

    @Test func rejectedLinesAreCounted() {
        var rules = NoticeRules()
        var figures = IntakeFigures()
        figures.rejected = 9
        rules.look(at: figures, now: at(0))
        #expect(rules.due(at(0)).isEmpty)
        figures.spoolRejected = 3
        figures.latestRejection = IntakeFigures.Rejection(file: "a.ndjson", reason: "line 1: no JSON")
        rules.look(at: figures, now: at(1))
        let notices = rules.due(at(1))
        #expect(notices.map(\.plugin) == [nil])
        #expect(
            notices.map(text) == [
                #"{"count":3,"first":"1970-01-01T00:00:01.000Z","last":"1970-01-01T00:00:01.000Z","#
                    + #""reason":"line 1: no JSON","spool_file":"a.ndjson"}"#
            ])
        rules.look(at: figures, now: at(900))
        #expect(rules.due(at(900)).isEmpty)
    }

    /// What templates and filters may name is what there is.
    @Test func noticesHaveTheFieldsThatTheCatalogueSays() throws {
        var rules = NoticeRules()
        rules.look(at: [status("x"), status("y")], now: at(0))
        rules.died("a/x", of: "x", because: "400", now: at(0))
        rules.look(at: [status("x", suspended: true), status("y", paused: "410")], now: at(0))
        rules.look(atFree: 1, limit: 1, folder: "/")
        var figures = IntakeFigures()
        figures.spoolRejected = 1
        figures.latestRejection = IntakeFigures.Rejection(file: "f", reason: "r")
        rules.look(at: figures, now: at(0))
        var notices = rules.due(at(0))
        rules.look(at: [status("x", delivered: 1)], now: at(1))
        notices += rules.due(at(1))
        #expect(Set(notices.map(\.type)) == Set(Hook.own.map(\.name)))
        for notice in notices {
            let hook = try #require(Hook.named(notice.type))
            #expect(notice.data.map(\.key) == hook.parameters.map(\.name), "\(notice.type)")
            let event = notice.event(now: at(0), random: (1, 2))
            let parsed = try Event.parse(line: event.body)
            #expect(parsed.id == event.id && parsed.type == event.type && parsed.object == nil)
        }
    }
}

extension NoticeRules {
    /// `min_free_space = 0` is never short.
    fileprivate var isEmptyWithoutLimit: Bool {
        var rules = self
        rules.look(atFree: 0, limit: 0, folder: "/")
        return rules.due(Timestamp(milliseconds: 0)).isEmpty
    }
}
