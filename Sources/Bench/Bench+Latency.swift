// From accepted to received at a given pace, and what a dispatcher costs that has nothing to do.

import Dispatcher
import Glibc
import Model

extension Bench {
    func latency() async throws -> [Measurement] {
        let (url, process) = try receiver()
        guard let process else {
            throw BenchError("latency is measured in our own receiver: leave --url out")
        }
        let sync = try diskSync()
        let bench = try await BenchPipeline(
            parent: directory, plugins: [benchPlugin("bench", url: url + "/", inFlight: inFlight)])
        var measurements: [Measurement] = []
        for rate in [100, 1000] {
            _ = process.statistics()
            let start = nanoseconds()
            let interval = 1_000_000_000 / Int64(rate)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<Int64(rate) * duration.milliseconds / 1000 {
                    let due = start + index * interval
                    let wait = due - nanoseconds()
                    if wait > 0 { try await Task.sleep(for: .nanoseconds(wait)) }
                    group.addTask { try await bench.post(1, size: eventSize) }
                }
                try await group.waitForAll()
            }
            try await Task.sleep(for: .milliseconds(200))
            let result = process.statistics()
            measurements += [
                Measurement("latency", "\(rate) events/s, p50", result.p50 / 1000, "ms"),
                Measurement(
                    "latency", "\(rate) events/s, p99", result.p99 / 1000, "ms",
                    bar: rate == 100 ? .atMost(10 + sync.p99) : nil),
            ]
        }
        await bench.remove()
        measurements.append(Measurement("latency", "this disk's fdatasync, p99", sync.p99, "ms"))
        return measurements
    }

    func idle() async throws -> [Measurement] {
        let bench = try await BenchPipeline(parent: directory, plugins: [sink])
        let listener = try await bench.listen()
        try await Task.sleep(for: .seconds(1))
        let before = (ProcessFigures.now(), nanoseconds())
        try await Task.sleep(for: .milliseconds(max(10_000, duration.milliseconds)))
        let after = (ProcessFigures.now(), nanoseconds())
        let memory = ProcessFigures.residentMemory
        await listener.stop(within: .seconds(1))
        await bench.remove()
        let share = (after.0.processor - before.0.processor) / (Double(after.1 - before.1) / 1000) * 100
        return [
            Measurement("idle", "CPU", share, "% of a core", bar: .atMost(0.5)),
            Measurement("idle", "resident memory", memory, "MiB", bar: .atMost(40)),
        ]
    }
}
