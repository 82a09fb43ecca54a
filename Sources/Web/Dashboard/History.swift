// The last 24 hours by the minute, in memory, for the dashboard's plots. Pure: totals and time go in, columns come
// out. It begins anew when the daemon starts; Prometheus is there for those who need more.

import Dispatcher
import Model
import Outbox

/// Figures of each minute of the last day.
struct History: Sendable {
    /// Minutes kept.
    static let length = 1440

    private var lines: [String: HistoryLine] = [:]
    private var first: Int64?

    /// Takes in what the totals are at `moment`; the difference to the totals before belongs to its minute.
    mutating func add(_ statuses: [PluginStatus], at moment: Timestamp) {
        let minute = moment.milliseconds / 60_000
        first = first ?? minute
        for status in statuses { lines[status.name, default: HistoryLine()].add(status, minute) }
        // Names come from the configuration: those that left it go when nothing is left of them.
        lines = lines.filter { $0.value.lastMinute > minute - Int64(History.length) }
    }

    /// Columns of the last `minutes`, `step` minutes each, oldest first, with `now` in the last.
    func columns(minutes: Int, step: Int, now: Timestamp) -> Columns {
        let last = now.milliseconds / 60_000
        let end = (last / Int64(step) + 1) * Int64(step)
        let count = minutes / step
        let starts = (0..<count).map { end - Int64((count - $0) * step) }
        var columns = Columns(
            starts: starts.map { Timestamp(milliseconds: $0 * 60_000) }, step: step, lines: [])
        for (name, line) in lines.sorted(by: { $0.key < $1.key }) {
            let cells = starts.map { start in
                start + Int64(step) <= (first ?? .max) ? nil : line.sum(start..<start + Int64(step))
            }
            columns.lines.append((name, cells))
        }
        return columns
    }

    /// Figures of a stretch of time, plugin by plugin.
    struct Columns {
        /// When each column begins.
        var starts: [Timestamp]
        /// Minutes of a column.
        var step: Int
        /// Plugins by name; nil: the daemon did not run.
        var lines: [(name: String, cells: [HistoryCell?])]
    }
}

/// What happened to a plugin in some minutes.
struct HistoryCell: Sendable, Equatable {
    /// Attempts that delivered.
    var delivered: Int64 = 0
    /// Attempts that failed.
    var failed: Int64 = 0
    /// Most deliveries that waited.
    var pending: Int64 = 0
    /// Median duration of an attempt in microseconds; 0: none.
    var median: Int64 = 0
    /// 95th percentile of the same.
    var high: Int64 = 0
}
