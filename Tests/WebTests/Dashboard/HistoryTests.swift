// The history's minutes, and what is made of them.

import Dispatcher
import Model
import Outbox
import Testing

@testable import Web

@Suite("History")
struct HistoryTests {
    private let start = Timestamp(milliseconds: 1_795_458_480_000)

    private func status(_ delivered: Int64, failed: Int64 = 0, pending: Int64 = 0, micro: [Int64] = [])
        -> PluginStatus
    {
        var status = PluginStatus(name: "hello", state: .running)
        status.delivered = delivered
        status.failed = failed
        status.counts = [.ready: pending]
        for duration in micro { status.latency.add(duration) }
        return status
    }

    private func cells(_ history: History, minutes: Int = 10, step: Int = 1, at now: Timestamp)
        -> [HistoryCell?]
    {
        history.columns(minutes: minutes, step: step, now: now).lines.first?.cells ?? []
    }

    @Test("What is new since the reading before belongs to its minute; the first reading counts from zero")
    func differences() {
        var history = History()
        history.add([status(5, pending: 3)], at: start)
        history.add([status(8, failed: 1, pending: 7)], at: start + .seconds(10))
        history.add([status(9, failed: 1)], at: start + .minutes(1))
        let cells = cells(history, at: start + .minutes(1))
        #expect(cells.count == 10)
        #expect(cells[9] == HistoryCell(delivered: 1, failed: 0, pending: 0))
        #expect(cells[8] == HistoryCell(delivered: 8, failed: 1, pending: 7))
        #expect(cells[7] == nil, "the daemon did not run")
    }

    @Test("Totals that begin anew are no negative figures")
    func restart() {
        var history = History()
        history.add([status(100)], at: start)
        history.add([status(2)], at: start + .minutes(1))
        #expect(cells(history, at: start + .minutes(1)).last == HistoryCell())
    }

    @Test("Wider columns hold the sums of their minutes, and the worst of what waited")
    func wide() {
        var history = History()
        for minute in 0..<20 {
            let moment = start + .minutes(Int64(minute))
            history.add([status(Int64(minute + 1), pending: Int64(minute))], at: moment)
        }
        let end = start + .minutes(19)
        let cells = cells(history, minutes: 40, step: 10, at: end)
        #expect(cells.count == 4)
        #expect(cells.compactMap { $0?.delivered }.reduce(0, +) == 20)
        #expect(cells.last??.pending == 19)
    }

    @Test("After a day the ring begins anew, and who is gone is forgotten")
    func ring() {
        var history = History()
        history.add([status(5)], at: start)
        let later = start + .minutes(1440)
        var other = status(1)
        other.name = "other"
        history.add([status(6)], at: later)
        #expect(cells(history, minutes: 1440, at: later).last == HistoryCell(delivered: 1))
        history.add([other], at: later + .minutes(1500))
        #expect(history.columns(minutes: 10, step: 1, now: later).lines.map(\.name) == ["other"])
    }

    @Test("Durations are read from the histogram's buckets")
    func percentiles() {
        var history = History()
        history.add([status(0)], at: start)
        history.add(
            [status(100, micro: Array(repeating: 700, count: 90) + Array(repeating: 40_000, count: 10))],
            at: start)
        let cell = cells(history, at: start).last ?? nil
        #expect((500...1000).contains(cell?.median ?? 0))
        #expect((25_000...50_000).contains(cell?.high ?? 0))
        #expect(Percentile.of([], 0.5) == 0)
        #expect(Percentile.of([0, 0, 0], 0.5) == 0)
    }

    @Test("Reasons that differ in numbers and ids only are one")
    func reasons() {
        #expect(ReasonGroups.common("HTTP 422: id 7f3a9b21 is unknown") == "HTTP 422: id … is unknown")
        #expect(ReasonGroups.common("HTTP 422: id 99c1d00e is unknown") == "HTTP 422: id … is unknown")
        #expect(ReasonGroups.common("HTTP 404") != ReasonGroups.common("HTTP 410"))
        #expect(ReasonGroups.common(nil) == "no reason is known")
        #expect(ReasonGroups.common(String(repeating: "x1", count: 10_000)) == "…")
        var groups = ReasonGroups()
        for number in 0..<1000 { groups.add(Rows.summary("word" + String(repeating: "z", count: number))) }
        #expect(groups.groups.count == ReasonGroups.limit)
        #expect(groups.groups.allSatisfy { $0.count == 1 })
        #expect(groups.others == 1000 - ReasonGroups.limit)
    }
}
