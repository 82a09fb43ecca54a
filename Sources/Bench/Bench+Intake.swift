// Intake alone: events a second and how long producers wait for the answer, by HTTP from a process of its own, and by
// spool files. A paused plugin: events are routed and stored with a delivery each, and nothing is sent.

import Dispatcher
import Glibc
import Model
import Settings

extension Bench {
    func intake() async throws -> [Measurement] {
        var measurements: [Measurement] = []
        for producers in [1, 16, 256] {
            progress("intake: \(producers) producers of single events")
            measurements += try await overHTTP("\(producers) producers, HTTP", producers, 1, storing: true)
                .figures
        }
        var stored: [Double] = []
        var ratios: [Double] = []
        var batched: [Double] = []
        for run in 1...max(1, runs) {
            progress("intake: run \(run) of \(runs)")
            let without = try await overHTTP("", 256, 1, storing: false)
            let with = try await overHTTP("", 256, 1, storing: true)
            stored.append(without.perSecond)
            ratios.append(with.perSecond / max(1, without.perSecond))
            batched.append(try await overHTTP("", 256, 200, storing: true).perSecond)
        }
        measurements += [
            Measurement("intake", "256 producers, HTTP, not stored", median(stored), "events/s"),
            Measurement("intake", "ratio stored / not stored", median(ratios), "×", bar: .atLeast(0.7)),
            Measurement(
                "intake", "256 producers, HTTP, NDJSON of 200", median(batched), "events/s",
                bar: .atLeast(50_000)),
        ]
        var files: [Double] = []
        for _ in 1...max(1, runs) { files.append(try await spoolIntake()) }
        measurements.append(
            Measurement(
                "intake", "spool files of 200 lines", median(files), "events/s", bar: .atLeast(50_000)))
        let sync = try diskSync()
        measurements += [
            Measurement("intake", "this disk's fdatasync, p50", sync.p50, "ms"),
            Measurement("intake", "this disk's fdatasync, p99", sync.p99, "ms"),
        ]
        return measurements
    }

    /// Wants everything and sends nothing.
    var sink: Plugin { benchPlugin("sink", url: "http://127.0.0.1:9/", inFlight: 1) }

    private struct Accepted {
        var perSecond: Double
        var figures: [Measurement]
    }

    private func overHTTP(
        _ name: String, _ producers: Int, _ batch: Int, storing: Bool
    ) async throws -> Accepted {
        let bench = try await BenchPipeline(parent: directory, plugins: [sink])
        try await bench.pipeline.pause("sink", because: "bench")
        let listener = try await bench.listen(storing: storing)
        guard case .tcp(_, let port) = listener.address else { throw BenchError("the server has no port") }
        let load = BenchLoad(
            port: port, connections: producers, batch: batch, size: eventSize,
            milliseconds: Int(duration.milliseconds))
        let result = try await load.run()
        await listener.stop(within: .seconds(1))
        await bench.remove()
        return Accepted(
            perSecond: result.perSecond,
            figures: [
                Measurement("intake", name, result.perSecond, "events/s"),
                Measurement("intake", name + ", p50", result.p50, "ms"),
                Measurement("intake", name + ", p99", result.p99, "ms"),
            ])
    }

    /// Spool files of 200 lines, made before the clock starts.
    private func spoolIntake() async throws -> Double {
        let bench = try await BenchPipeline(parent: directory, plugins: [sink])
        try await bench.pipeline.pause("sink", because: "bench")
        let events = 100_000
        let spool = bench.directory + "/spool"
        for number in 0..<events / 200 {
            let lines = BenchEvents.lines(200, size: eventSize, type: "on_created_file")
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
        return Double(events) / seconds
    }
}
