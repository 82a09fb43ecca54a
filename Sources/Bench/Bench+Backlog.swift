// A dispatcher beside millions of deliveries that wait: what it delivers, accepts and holds in memory, how long it
// takes to start, and how fast the backlog itself goes.

import Dispatcher
import Glibc
import Mailbox
import Model

extension Bench {
    func backlogDepth() async throws -> [Measurement] {
        let (url, process) = try receiver()
        defer { withExtendedLifetime(process) {} }
        var live = benchPlugin("live", url: url + "/", inFlight: inFlight)
        live.hooks = HookSelection(names: ["on_created_file"])
        let waiting = (1...max(1, backlogPlugins)).map { number in
            var plugin = benchPlugin("waiting-\(number)", url: url + "/", inFlight: inFlight)
            plugin.hooks = HookSelection(names: ["on_created_object"])
            return plugin
        }
        let plugins = [live] + waiting

        progress("backlog: without one")
        let empty = try await BenchPipeline(parent: directory, plugins: plugins)
        for plugin in waiting { try await empty.pipeline.pause(plugin.name, because: "bench") }
        let without = try await alternately(empty)
        await empty.remove()

        let bench = try await BenchPipeline(parent: directory, plugins: plugins)
        for plugin in waiting { try await bench.pipeline.pause(plugin.name, because: "bench") }
        try await fill(bench, backlog / max(1, backlogPlugins))
        ProcessFigures.resetPeakMemory()
        progress("backlog: beside it")
        let with = try await alternately(bench)
        progress("backlog: starting on it")
        await bench.stop()
        let start = nanoseconds()
        let again = try await BenchPipeline(reopening: bench, plugins: plugins)
        let ready = Double(nanoseconds() - start) / 1e9
        progress("backlog: working it off")
        let drain = try await drained(again, waiting[0].name)
        let peak = ProcessFigures.peakMemory
        await again.remove()
        return [
            Measurement("backlog", "pending deliveries", Double(backlog), ""),
            Measurement("backlog", "deliveries without them", without.delivered, "deliveries/s"),
            Measurement("backlog", "deliveries beside them", with.delivered, "deliveries/s"),
            Measurement(
                "backlog", "ratio", with.delivered / max(1, without.delivered), "×", bar: .atLeast(0.9)),
            Measurement("backlog", "accepting without them", without.accepted, "events/s"),
            Measurement("backlog", "accepting beside them", with.accepted, "events/s"),
            Measurement(
                "backlog", "ratio", with.accepted / max(1, without.accepted), "×", bar: .atLeast(0.9)),
            Measurement("backlog", "deliveries from among them", drain, "deliveries/s"),
            Measurement(
                "backlog", "ratio to those without them", drain / max(1, without.delivered), "×",
                bar: .atLeast(0.9)),
            Measurement("backlog", "peak memory", peak, "MiB", bar: .atMost(128)),
            Measurement("backlog", "start to ready", ready, "s", bar: .atMost(2)),
        ]
    }

    /// Medians of deliveries and of accepting, one after the other.
    private func alternately(_ bench: BenchPipeline) async throws -> (delivered: Double, accepted: Double) {
        var delivered: [Double] = []
        var accepted: [Double] = []
        for _ in 1...max(1, min(3, runs)) {
            // What was written before must not be written to disk while this is measured.
            sync()
            delivered.append(try await throughput(bench, counting: "live").perSecond)
            sync()
            accepted.append(try await accepting(bench))
        }
        return (median(delivered), median(accepted))
    }

    private func fill(_ bench: BenchPipeline, _ count: Int) async throws {
        let batch = 500
        let events = BenchEvents(size: eventSize, type: "on_created_object")
        let done = Lock(0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for producer in 0..<8 {
                group.addTask {
                    var number = producer * batch
                    while number < count {
                        try await bench.post(events.lines(min(batch, count - number)))
                        number += 8 * batch
                        let (before, now) = done.withLock { done in
                            defer { done += batch }
                            return (done * 10 / max(1, count), (done + batch) * 10 / max(1, count))
                        }
                        if before != now { progress("backlog: \(now * 10) % of \(backlog) deliveries") }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Events a second for the paused plugins: nothing of them is sent.
    private func accepting(_ bench: BenchPipeline) async throws -> Double {
        let events = BenchEvents(size: eventSize, type: "on_created_object")
        let start = nanoseconds()
        let end = start + duration.milliseconds * 1_000_000
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    var count = 0
                    while nanoseconds() < end {
                        try await bench.post(events.lines(50))
                        count += 50
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        return Double(count) / (Double(nanoseconds() - start) / 1e9)
    }

    /// Deliveries a second of a plugin that is let go on its backlog.
    private func drained(_ bench: BenchPipeline, _ plugin: String) async throws -> Double {
        try await bench.pipeline.resume(plugin)
        try await Task.sleep(for: .milliseconds(500))
        let before = (count: await bench.delivered(plugin), time: nanoseconds())
        try await Task.sleep(for: .milliseconds(duration.milliseconds))
        let after = (count: await bench.delivered(plugin), time: nanoseconds())
        return Double(after.count - before.count) * 1e9 / Double(after.time - before.time)
    }
}
