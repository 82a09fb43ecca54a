// Scenarios about plugins beside each other: receivers that hang, and one event for a hundred plugins.

import Dispatcher
import Model

extension Bench {
    func hung() async throws -> [Measurement] {
        let (url, process) = try receiver()
        defer { withExtendedLifetime(process) {} }
        var alone: [Double] = []
        var beside: [Double] = []
        var hanging = 0
        for run in 1...max(1, min(3, runs)) {
            progress("hung: run \(run)")
            var healthy = benchPlugin("healthy", url: url + "/", inFlight: inFlight)
            healthy.hooks = HookSelection(names: ["on_created_file"])
            let without = try await BenchPipeline(parent: directory, plugins: [healthy])
            alone.append(try await throughput(without).perSecond)
            await without.remove()

            // Another receiver, which answers until windows are open, and then not any more.
            let silent = try ReceiverProcess()
            let bench = try await BenchPipeline(parent: directory, plugins: [healthy] + patient(silent.url))
            hanging = try await hang(bench, silent)
            beside.append(try await throughput(bench, counting: "healthy").perSecond)
            await bench.pipeline.stop(within: .seconds(0))
            removeFolder(bench.directory)
            withExtendedLifetime(silent) {}
        }
        let ratios = zip(beside, alone).map { $0 / max(1, $1) }
        return [
            Measurement("hung", "deliveries in flight that hang", Double(hanging), "", bar: .atLeast(2000)),
            Measurement("hung", "healthy plugin alone", median(alone), "deliveries/s"),
            Measurement("hung", "healthy plugin beside them", median(beside), "deliveries/s"),
            Measurement("hung", "ratio", median(ratios), "×", bar: .atLeast(0.8)),
        ]
    }

    /// Thirty plugins that wait an hour for an answer, up to a hundred deliveries each.
    private func patient(_ url: String) -> [Plugin] {
        (1...30).map { number in
            var plugin = benchPlugin("hung-\(number)", url: url + "/", inFlight: 100)
            plugin.hooks = HookSelection(names: ["on_created_object"])
            plugin.transport.stallTimeout = .hours(1)
            plugin.transport.totalTimeout = .hours(1)
            return plugin
        }
    }

    /// Opens the windows of all plugins, silences their receiver, and gives it more; how many hang then.
    private func hang(_ bench: BenchPipeline, _ receiver: ReceiverProcess) async throws -> Int {
        var rounds = 0
        while rounds < 40, await windows(bench) < 2000 {
            rounds += 1
            let before = await bench.delivered(nil)
            try await bench.post(200, size: eventSize, type: "on_created_object")
            while await bench.delivered(nil) < before + 6000 { try await Task.sleep(for: .milliseconds(10)) }
        }
        receiver.silence()
        try await bench.post(250, size: eventSize, type: "on_created_object")
        try await Task.sleep(for: .seconds(2))
        return await bench.pipeline.figures().reduce(0) { $0 + $1.inFlight }
    }

    /// How many deliveries to the patient ones may be in flight together.
    private func windows(_ bench: BenchPipeline) async -> Int {
        await bench.pipeline.figures().filter { $0.name.hasPrefix("hung-") }.reduce(0) { $0 + $1.window }
    }

    func fanOut() async throws -> [Measurement] {
        let (url, process) = try receiver()
        defer { withExtendedLifetime(process) {} }
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
        return [
            Measurement(
                "fan-out", "1 event to 100 plugins / 100 events to one", median(ratios), "×", bar: .atMost(2))
        ]
    }

    private func elapsed(_ bench: BenchPipeline, events: Int, deliveries: Int64) async throws -> Double {
        let before = await bench.delivered(nil)
        let start = nanoseconds()
        try await bench.post(events, size: eventSize)
        while await bench.delivered(nil) < before + deliveries { await Task.yield() }
        return Double(nanoseconds() - start)
    }
}
