// Scenarios about acceptance and waiting: intake, latency, backlog, idle, files.

import Courier
import Dispatcher
import Glibc
import Mailbox
import Model

extension Bench {
    func intake() async throws -> [Measurement] {
        var measurements: [Measurement] = []
        // A paused plugin: events are routed and stored with a delivery each, and nothing is sent.
        for (producers, batch) in [(1, 1), (16, 1), (256, 1), (1, 200), (16, 200), (256, 200)] {
            let bench = try await BenchPipeline(parent: directory, plugins: [sink])
            try await bench.pipeline.pause("sink", because: "bench")
            let result = try await acceptance(bench, producers: producers, batch: batch)
            await bench.remove()
            let name = "\(producers) producers × \(batch) events a call"
            measurements += [
                Measurement("intake", name, result.perSecond, "events/s"),
                Measurement("intake", name + ", p50", result.p50, "ms"),
                Measurement("intake", name + ", p99", result.p99, "ms"),
            ]
        }
        measurements.append(try await spoolIntake())
        let sync = try diskSync()
        measurements += [
            Measurement("intake", "this disk's fdatasync, p50", sync.p50, "ms"),
            Measurement("intake", "this disk's fdatasync, p99", sync.p99, "ms"),
        ]
        return measurements
    }

    private var sink: Plugin { benchPlugin("sink", url: "http://127.0.0.1:9/", inFlight: 1) }

    private func acceptance(
        _ bench: BenchPipeline, producers: Int, batch: Int
    ) async throws -> (perSecond: Double, p50: Double, p99: Double) {
        let end = nanoseconds() + duration.milliseconds * 1_000_000
        let start = nanoseconds()
        let latencies = try await withThrowingTaskGroup(of: [Double].self) { group in
            for _ in 0..<producers {
                group.addTask {
                    var latencies: [Double] = []
                    while nanoseconds() < end {
                        let before = nanoseconds()
                        try await bench.post(batch, size: eventSize)
                        latencies.append(Double(nanoseconds() - before) / 1e6)
                    }
                    return latencies
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }.sorted()
        }
        let seconds = Double(nanoseconds() - start) / 1e9
        guard !latencies.isEmpty else { return (0, 0, 0) }
        return (
            Double(latencies.count * batch) / seconds, latencies[latencies.count / 2],
            latencies[min(latencies.count - 1, latencies.count * 99 / 100)]
        )
    }

    /// Spool files of 200 lines, made before the clock starts.
    private func spoolIntake() async throws -> Measurement {
        let bench = try await BenchPipeline(parent: directory, plugins: [sink])
        try await bench.pipeline.pause("sink", because: "bench")
        let events = 100_000
        let spool = bench.directory + "/spool"
        for number in 0..<events / 200 {
            let lines = BenchEvent.lines(200, size: eventSize, type: "on_created_file")
            let name = String(10_000_000 + number) + ".ndjson"
            guard let file = fopen(spool + "/tmp/" + name, "w") else {
                throw BenchError("cannot write \(spool): \(String(cString: strerror(errno)))")
            }
            fwrite(lines, 1, lines.count, file)
            fclose(file)
        }
        let start = nanoseconds()
        for number in 0..<events / 200 {
            let name = String(10_000_000 + number) + ".ndjson"
            rename(spool + "/tmp/" + name, spool + "/new/" + name)
        }
        while bench.pipeline.intakeFigures().accepted < Int64(events) {
            try await Task.sleep(for: .milliseconds(1))
        }
        let seconds = Double(nanoseconds() - start) / 1e9
        await bench.remove()
        return Measurement("intake", "spool files of 200 lines", Double(events) / seconds, "events/s")
    }

    /// How long this disk takes to make 4 KiB durable, in milliseconds.
    func diskSync() throws -> (p50: Double, p99: Double) {
        let path = directory + "/mwdb-webhooks-bench-sync-\(getpid())"
        let descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw BenchError("cannot write \(path)") }
        defer {
            close(descriptor)
            unlink(path)
        }
        let page = [UInt8](repeating: 1, count: 4096)
        var times: [Double] = []
        for _ in 0..<300 {
            _ = write(descriptor, page, page.count)
            let before = nanoseconds()
            fdatasync(descriptor)
            times.append(Double(nanoseconds() - before) / 1e6)
        }
        times.sort()
        return (times[150], times[297])
    }

    func latency() async throws -> [Measurement] {
        let (url, process) = try receiver()
        guard let process else {
            throw BenchError("latency is measured in our own receiver: leave --url out")
        }
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
                Measurement("latency", "\(rate) events/s, p99", result.p99 / 1000, "ms"),
            ]
        }
        await bench.remove()
        measurements.append(Measurement("latency", "this disk's fdatasync, p99", try diskSync().p99, "ms"))
        return measurements
    }

    func backlogDepth() async throws -> [Measurement] {
        let (url, process) = try receiver()
        let live = benchPlugin("live", url: url + "/", inFlight: inFlight)
        let empty = try await BenchPipeline(parent: directory, plugins: [live])
        let without = try await throughput(empty, receiver: process)
        await empty.remove()

        var waiting = sink
        waiting.hooks = HookSelection(names: ["on_created_object"])
        var lively = live
        lively.hooks = HookSelection(names: ["on_created_file"])
        let bench = try await BenchPipeline(parent: directory, plugins: [lively, waiting])
        try await bench.pipeline.pause("sink", because: "bench")
        try await fill(bench, backlog)
        let accepting = try await acceptanceBeside(bench)
        ProcessFigures.resetPeakMemory()
        let with = try await throughput(bench, receiver: process, counting: "live")
        let peak = ProcessFigures.peakMemory
        await bench.stop()
        let start = nanoseconds()
        let again = try await BenchPipeline(reopening: bench, plugins: [lively, waiting])
        let ready = Double(nanoseconds() - start) / 1e9
        await again.remove()
        return [
            Measurement("backlog", "pending deliveries", Double(backlog), ""),
            Measurement("backlog", "deliveries without backlog", without.perSecond, "deliveries/s"),
            Measurement("backlog", "deliveries beside it", with.perSecond, "deliveries/s"),
            Measurement("backlog", "ratio", with.perSecond / max(1, without.perSecond), "×"),
            Measurement("backlog", "accepting beside it / in an empty outbox", accepting, "×"),
            Measurement("backlog", "peak memory beside it", peak, "MiB"),
            Measurement("backlog", "start to ready", ready, "s"),
        ]
    }

    private func fill(_ bench: BenchPipeline, _ count: Int) async throws {
        let batch = 500
        try await withThrowingTaskGroup(of: Void.self) { group in
            for producer in 0..<8 {
                group.addTask {
                    var number = producer * batch
                    while number < count {
                        try await bench.post(batch, size: eventSize, type: "on_created_object")
                        if number % (count / 10 + batch) < batch {
                            progress("backlog: \(number) of \(count)")
                        }
                        number += 8 * batch
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func acceptanceBeside(_ full: BenchPipeline) async throws -> Double {
        let empty = try await BenchPipeline(parent: directory, plugins: [sink])
        try await empty.pipeline.pause("sink", because: "bench")
        let without = try await acceptance(empty, producers: 16, batch: 50)
        await empty.remove()
        let with = try await acceptanceOfOther(full)
        return with / max(1, without.perSecond)
    }

    private func acceptanceOfOther(_ bench: BenchPipeline) async throws -> Double {
        // Events for the paused plugin: nothing is sent, as in the empty outbox.
        let end = nanoseconds() + duration.milliseconds * 1_000_000
        let start = nanoseconds()
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    var count = 0
                    while nanoseconds() < end {
                        try await bench.post(50, size: eventSize, type: "on_created_object")
                        count += 50
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        return Double(count) / (Double(nanoseconds() - start) / 1e9)
    }

    func idle() async throws -> [Measurement] {
        let bench = try await BenchPipeline(parent: directory, plugins: [sink])
        try await Task.sleep(for: .seconds(1))
        let before = (ProcessFigures.now(), nanoseconds())
        try await Task.sleep(for: .milliseconds(max(10_000, duration.milliseconds)))
        let after = (ProcessFigures.now(), nanoseconds())
        let memory = ProcessFigures.residentMemory
        await bench.remove()
        let share = (after.0.processor - before.0.processor) / (Double(after.1 - before.1) / 1000) * 100
        return [
            Measurement("idle", "CPU", share, "% of a core"),
            Measurement("idle", "resident memory", memory, "MiB"),
        ]
    }

    func files() async throws -> [Measurement] {
        let (url, process) = try receiver()
        _ = process
        let sample = directory + "/mwdb-webhooks-bench-sample-\(getpid())"
        defer { unlink(sample) }
        let digest = try makeSample(sample, mebibytes: 1024)
        var baseline: [Double] = []
        var ours: [Double] = []
        ProcessFigures.resetPeakMemory()
        let memory = ProcessFigures.residentMemory
        for run in 1...max(1, runs) {
            progress("files: run \(run) of \(runs)")
            baseline.append(try upload(sample, url: url, sha256: nil))
            ours.append(try upload(sample, url: url, sha256: digest))
        }
        return [
            Measurement("files", "1 GiB by multipart, not hashed", median(baseline), "MiB/s"),
            Measurement("files", "1 GiB by multipart, hashed while sent", median(ours), "MiB/s"),
            Measurement("files", "ratio", median(zip(ours, baseline).map { $0 / $1 }), "×"),
            Measurement("files", "memory grown", max(0, ProcessFigures.peakMemory - memory), "MiB"),
        ]
    }
}
