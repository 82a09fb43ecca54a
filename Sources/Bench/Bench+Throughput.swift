// Scenarios about deliveries a second: steady, filters, hung, fan-out, backlog.

import Courier
import Dispatcher
import Glibc
import Mailbox
import Model

extension Bench {
    /// A receiver's base URL, and what keeps it running.
    func receiver() throws -> (url: String, process: ReceiverProcess?) {
        if let url { return (url, nil) }
        let process = try ReceiverProcess()
        return (process.url, process)
    }

    /// The bare libcurl loop on the same receiver: requests a second and CPU µs a request.
    func bareLoop(_ url: String) throws -> BareLoopResult {
        try BareLoop.run(
            url: url + "/",
            body: Array(BenchEvents.lines(1, size: eventSize, type: "on_created_file").dropLast()),
            inFlight: inFlight, duration: duration)
    }

    /// What a dispatcher did under load.
    struct Load {
        /// Deliveries a second.
        var perSecond = 0.0
        /// CPU time of this process in µs a delivery.
        var processor = 0.0
        /// Bytes written to disk a delivery.
        var written = 0.0
        /// How long a single event waited to be accepted meanwhile, in ms.
        var acceptance: Percentiles?
    }

    /// Deliveries a second while producers keep the queues filled.
    func throughput(
        _ bench: BenchPipeline, type: String = "on_created_file", producers: Int = 16,
        counting: String? = nil,
        objects: UInt64? = nil
    ) async throws -> Load {
        let stop = StopSign()
        let events = BenchEvents(size: eventSize, type: type, objects: objects)
        let feeding = Task { try await feed(bench, producers: producers, events, until: stop) }
        try await Task.sleep(for: .milliseconds(1000))
        let before = await sight(bench, counting)
        let waits = Task { try await probe(bench, type: type, until: stop) }
        try await Task.sleep(for: .milliseconds(duration.milliseconds))
        let after = await sight(bench, counting)
        stop.set()
        try await feeding.value
        var load = Load()
        load.acceptance = try await waits.value
        let count = Double(after.count - before.count)
        load.perSecond = count * 1e9 / Double(after.time - before.time)
        load.processor = (after.used.processor - before.used.processor) / max(1, count)
        load.written = (after.used.written - before.used.written) / max(1, count)
        return load
    }

    private func sight(
        _ bench: BenchPipeline, _ name: String?
    ) async -> (count: Int64, time: Int64, used: ProcessFigures) {
        (await bench.delivered(name), nanoseconds(), ProcessFigures.now())
    }

    /// How long a single fresh event waits to be accepted, a hundred times a second.
    private func probe(
        _ bench: BenchPipeline, type: String, until stop: StopSign
    ) async throws -> Percentiles {
        var waits: [Double] = []
        while !stop.isSet {
            let before = nanoseconds()
            try await bench.post(1, size: eventSize, type: type)
            waits.append(Double(nanoseconds() - before) / 1e6)
            try await Task.sleep(for: .milliseconds(10))
        }
        return Percentiles(waits)
    }

    /// Posts events from several producers at once and keeps some hundreds of them waiting. One task asks the dispatcher
    /// for its counts and says who posts: more would be a load of its own.
    private func feed(
        _ bench: BenchPipeline, producers: Int, _ events: BenchEvents, until stop: StopSign
    ) async throws {
        let (batch, most) = (50, 700)
        let start = await bench.delivered(nil)
        let posting = Lock(0)
        var posted = 0
        try await withThrowingTaskGroup(of: Void.self) { group in
            while !stop.isSet {
                let waiting = posted - Int(await bench.delivered(nil) - start)
                let idle = producers - posting.withLock { $0 }
                for _ in 0..<max(0, min((most - waiting) / batch, idle)) {
                    posted += batch
                    posting.withLock { $0 += 1 }
                    group.addTask {
                        defer { posting.withLock { $0 -= 1 } }
                        try await bench.post(events.lines(batch))
                    }
                }
                try await Task.sleep(for: .milliseconds(2))
            }
            try await group.waitForAll()
        }
    }

    func steady() async throws -> [Measurement] {
        let (url, process) = try receiver()
        defer { withExtendedLifetime(process) {} }
        var loops: [BareLoopResult] = []
        var loads: [Load] = []
        ProcessFigures.resetPeakMemory()
        let sync = try diskSync()
        for run in 1...max(1, runs) {
            progress("steady: run \(run) of \(runs)")
            loops.append(try bareLoop(url))
            let bench = try await BenchPipeline(
                parent: directory, plugins: [benchPlugin("bench", url: url + "/", inFlight: inFlight)])
            loads.append(try await throughput(bench))
            await bench.remove()
        }
        let ratios = zip(loads, loops).map { $0.perSecond / max(1, $1.perSecond) }
        return [
            Measurement("steady", "bare libcurl loop", median(loops.map(\.perSecond)), "requests/s"),
            Measurement(
                "steady", "bare libcurl loop, CPU", median(loops.map(\.processorMicroseconds)), "µs/request"),
            Measurement(
                "steady", "durable deliveries, end to end", median(loads.map(\.perSecond)), "deliveries/s"),
            Measurement("steady", "ratio to the bare loop", median(ratios), "×", bar: .atLeast(0.8)),
            Measurement("steady", "CPU", median(loads.map(\.processor)), "µs/delivery"),
            Measurement("steady", "written to disk", median(loads.map(\.written)), "bytes/delivery"),
            Measurement("steady", "peak memory", ProcessFigures.peakMemory, "MiB"),
            Measurement(
                "steady", "one event accepted meanwhile, p50",
                median(loads.compactMap { $0.acceptance?.p50 }), "ms"),
            Measurement(
                "steady", "one event accepted meanwhile, p99",
                median(loads.compactMap { $0.acceptance?.p99 }), "ms", bar: .atMost(3 * sync.p99)),
            Measurement("steady", "this disk's fdatasync, p99", sync.p99, "ms"),
        ]
    }

    func filters() async throws -> [Measurement] {
        let (url, process) = try receiver()
        defer { withExtendedLifetime(process) {} }
        var plugin = benchPlugin("bench", url: url + "/{{file.sha256}}", inFlight: inFlight)
        plugin.url = try Template(parsing: url + "/{{file.sha256}}")
        plugin.filter = try Filter(parsing: [
            "file.file_type startswith \"PE32 executable\"", "file.file_size <= 100MB",
            "file.tags has \"bench\"",
        ])
        plugin.template = try Template(
            parsing: "{\"text\":\"{{file.file_name|json}}: {{file.sha256}} of {{event.actor|json}}\"}")
        let loop = try bareLoop(url)
        let bench = try await BenchPipeline(parent: directory, plugins: [plugin])
        let result = try await throughput(bench)
        await bench.remove()
        return [
            Measurement("filters", "deliveries with filter and template", result.perSecond, "deliveries/s"),
            Measurement("filters", "ratio to the bare loop", result.perSecond / max(1, loop.perSecond), "×"),
            Measurement("filters", "CPU", result.processor, "µs/delivery"),
        ]
    }
}

/// Tells producers to stop.
final class StopSign: Sendable {
    private let flag = Lock(false)

    var isSet: Bool { flag.withLock { $0 } }

    func set() { flag.withLock { $0 = true } }
}

extension BenchPipeline {
    /// Deliveries made by the plugin `name`, or by all.
    func delivered(_ name: String?) async -> Int64 {
        await pipeline.figures().filter { name == nil || $0.name == name }.reduce(0) { $0 + $1.delivered }
    }
}
