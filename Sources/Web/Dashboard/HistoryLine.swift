// One plugin's day by the minute.

import Dispatcher
import Outbox

/// One plugin's ring of minutes.
struct HistoryLine: Sendable {
    /// The latest minute that has something.
    private(set) var lastMinute: Int64 = .min
    private var minutes: [Int64] = []
    private var cells: [HistoryCell] = []
    private var before: PluginStatus?

    /// Takes in the totals of `status` in `minute`.
    mutating func add(_ status: PluginStatus, _ minute: Int64) {
        defer { before = status }
        let place = Int(minute % Int64(History.length))
        if cells.isEmpty {
            minutes = Array(repeating: .min, count: History.length)
            cells = Array(repeating: HistoryCell(), count: History.length)
        }
        if minutes[place] != minute {
            minutes[place] = minute
            cells[place] = HistoryCell()
        }
        lastMinute = max(lastMinute, minute)
        let pending = [DeliveryState.ready, .waiting, .started, .blocked].reduce(0) {
            $0 + (status.counts[$1] ?? 0)
        }
        cells[place].pending = max(cells[place].pending, pending)
        // Totals begin at zero with the daemon, so that the first ones are a difference too.
        let before = before ?? PluginStatus(name: status.name, state: status.state)
        cells[place].delivered += max(status.delivered - before.delivered, 0)
        cells[place].failed += max(status.failed - before.failed, 0)
        let counts = zip(status.latency.counts, before.latency.counts).map { max($0 - $1, 0) }
        guard counts.contains(where: { $0 > 0 }) else { return }
        cells[place].median = Percentile.of(counts, 0.5)
        cells[place].high = max(cells[place].high, Percentile.of(counts, 0.95))
    }

    /// The figures of `range` together; durations are those of its busiest and its slowest minute.
    func sum(_ range: Range<Int64>) -> HistoryCell {
        var sum = HistoryCell()
        var busiest: Int64 = -1
        guard !cells.isEmpty else { return sum }
        for minute in range where minute >= 0 {
            let place = Int(minute % Int64(History.length))
            guard minutes[place] == minute else { continue }
            let cell = cells[place]
            sum.delivered += cell.delivered
            sum.failed += cell.failed
            sum.pending = max(sum.pending, cell.pending)
            sum.high = max(sum.high, cell.high)
            if cell.median > 0, cell.delivered + cell.failed > busiest {
                busiest = cell.delivered + cell.failed
                sum.median = cell.median
            }
        }
        return sum
    }
}

/// Percentiles of counted durations.
enum Percentile {
    /// The duration in microseconds below which `share` of `counts` lies, buckets as in `Histogram`; within a bucket
    /// durations are taken to be spread evenly.
    static func of(_ counts: [Int64], _ share: Double) -> Int64 {
        let wanted = Double(counts.reduce(0, +)) * share
        guard wanted > 0 else { return 0 }
        var seen = 0.0
        var low: Int64 = 0
        for (bucket, count) in counts.enumerated() {
            let high = bucket < Histogram.bounds.count ? Histogram.bounds[bucket] : low
            if count > 0, seen + Double(count) >= wanted {
                return low + Int64(Double(high - low) * (wanted - seen) / Double(count))
            }
            seen += Double(count)
            low = high
        }
        return low
    }
}
