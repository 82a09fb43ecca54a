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
            body: Array(BenchEvent.lines(1, size: eventSize, type: "on_created_file").dropLast()),
            inFlight: inFlight, duration: duration)
    }

    /// Deliveries a second while producers keep the queues filled.
    func throughput(
        _ bench: BenchPipeline, receiver: ReceiverProcess?, type: String = "on_created_file",
        producers: Int = 16,
        counting: String? = nil
    ) async throws -> (perSecond: Double, processor: Double, written: Double) {
        let stop = StopSign()
        let feeding = Task {
            try await feed(bench, producers: producers, type: type, until: stop)
        }
        try await Task.sleep(for: .milliseconds(1000))
        let before = (
            count: await bench.delivered(counting), time: nanoseconds(), used: ProcessFigures.now()
        )
        try await Task.sleep(for: .milliseconds(duration.milliseconds))
        let after = (
            count: await bench.delivered(counting), time: nanoseconds(), used: ProcessFigures.now()
        )
        stop.set()
        try await feeding.value
        let count = Double(after.count - before.count)
        return (
            count * 1e9 / Double(after.time - before.time),
            (after.used.processor - before.used.processor) / max(1, count),
            (after.used.written - before.used.written) / max(1, count)
        )
    }

    /// Posts events from several producers at once and keeps some thousands of them waiting. The dispatcher is
    /// asked for its counts a hundred times a second, by one task: more would be a load of its own.
    private func feed(
        _ bench: BenchPipeline, producers: Int, type: String, until stop: StopSign
    ) async throws {
        let ahead = Lock((posted: Int64(0), delivered: Int64(0)))
        let start = await bench.delivered(nil)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while !stop.isSet {
                    let delivered = await bench.delivered(nil) - start
                    ahead.withLock { $0.delivered = delivered }
                    try await Task.sleep(for: .milliseconds(10))
                }
            }
            for _ in 0..<producers {
                group.addTask {
                    while !stop.isSet {
                        try await bench.post(50, size: eventSize, type: type)
                        ahead.withLock { $0.posted += 50 }
                        while !stop.isSet, ahead.withLock({ $0.posted - $0.delivered > 6000 }) {
                            try await Task.sleep(for: .milliseconds(5))
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    func steady() async throws -> [Measurement] {
        let (url, process) = try receiver()
        var bare: [Double] = []
        var ours: [Double] = []
        var ratios: [Double] = []
        var last = (perSecond: 0.0, processor: 0.0, written: 0.0)
        var bareProcessor = 0.0
        for run in 1...max(1, runs) {
            progress("steady: run \(run) of \(runs)")
            let loop = try bareLoop(url)
            let bench = try await BenchPipeline(
                parent: directory, plugins: [benchPlugin("bench", url: url + "/", inFlight: inFlight)])
            last = try await throughput(bench, receiver: process)
            await bench.remove()
            bare.append(loop.perSecond)
            bareProcessor = loop.processorMicroseconds
            ours.append(last.perSecond)
            ratios.append(last.perSecond / max(1, loop.perSecond))
        }
        return [
            Measurement("steady", "bare libcurl loop", median(bare), "requests/s"),
            Measurement("steady", "bare libcurl loop, CPU", bareProcessor, "µs/request"),
            Measurement("steady", "durable deliveries, end to end", median(ours), "deliveries/s"),
            Measurement("steady", "ratio to the bare loop", median(ratios), "×"),
            Measurement("steady", "CPU", last.processor, "µs/delivery"),
            Measurement("steady", "written to disk", last.written, "bytes/delivery"),
            Measurement("steady", "peak memory", ProcessFigures.peakMemory, "MiB"),
        ]
    }

    func filters() async throws -> [Measurement] {
        let (url, process) = try receiver()
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
        let result = try await throughput(bench, receiver: process)
        await bench.remove()
        return [
            Measurement("filters", "deliveries with filter and template", result.perSecond, "deliveries/s"),
            Measurement("filters", "ratio to the bare loop", result.perSecond / max(1, loop.perSecond), "×"),
            Measurement("filters", "CPU", result.processor, "µs/delivery"),
        ]
    }

    func hung() async throws -> [Measurement] {
        let (url, process) = try receiver()
        let healthy = benchPlugin("healthy", url: url + "/", inFlight: inFlight)
        let alone = try await BenchPipeline(parent: directory, plugins: [healthy])
        let without = try await throughput(alone, receiver: process)
        await alone.remove()
        var plugins = [healthy]
        for number in 1...20 {
            var plugin = benchPlugin("hung-\(number)", url: url + "/hang", inFlight: 100)
            plugin.hooks = HookSelection(names: ["on_created_object"])
            plugin.transport.stallTimeout = .hours(1)
            plugin.transport.totalTimeout = .hours(1)
            plugins.append(plugin)
        }
        plugins[0].hooks = HookSelection(names: ["on_created_file"])
        let bench = try await BenchPipeline(parent: directory, plugins: plugins)
        try await bench.post(200, size: eventSize, type: "on_created_object")
        try await Task.sleep(for: .seconds(2))
        let hanging = await bench.pipeline.figures().reduce(0) { $0 + $1.inFlight }
        let with = try await throughput(bench, receiver: process, counting: "healthy")
        await bench.pipeline.stop(within: .seconds(0))
        removeFolder(bench.directory)
        return [
            Measurement("hung", "deliveries in flight that hang", Double(hanging), ""),
            Measurement("hung", "healthy plugin alone", without.perSecond, "deliveries/s"),
            Measurement("hung", "healthy plugin beside them", with.perSecond, "deliveries/s"),
            Measurement("hung", "ratio", with.perSecond / max(1, without.perSecond), "×"),
        ]
    }

    func fanOut() async throws -> [Measurement] {
        let (url, process) = try receiver()
        _ = process
        let plugins = (1...100).map { benchPlugin("plugin-\($0)", url: url + "/", inFlight: inFlight) }
        let fan = try await BenchPipeline(parent: directory, plugins: plugins)
        let single = try await BenchPipeline(
            parent: directory, plugins: [benchPlugin("single", url: url + "/", inFlight: 100)])
        var ratios: [Double] = []
        for _ in 0..<max(3, runs) * 3 {
            let one = try await elapsed(fan, events: 1, deliveries: 100)
            let hundred = try await elapsed(single, events: 100, deliveries: 100)
            ratios.append(one / max(1, hundred))
        }
        await fan.remove()
        await single.remove()
        return [Measurement("fan-out", "1 event to 100 plugins / 100 events to one", median(ratios), "×")]
    }

    private func elapsed(_ bench: BenchPipeline, events: Int, deliveries: Int64) async throws -> Double {
        let before = await bench.delivered(nil)
        let start = nanoseconds()
        try await bench.post(events, size: eventSize)
        while await bench.delivered(nil) < before + deliveries { await Task.yield() }
        return Double(nanoseconds() - start)
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
