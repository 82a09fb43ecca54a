// Scenario `order`: what it costs that deliveries for one object go one at a time, in the order of events.

import Model

extension Bench {
    /// Objects that the events are about.
    private static let objects: UInt64 = 10_000

    /// Deliveries a second with `order = object` over 10,000 objects, and without an order, in the same run.
    func order() async throws -> [Measurement] {
        let (url, process) = try receiver()
        defer { withExtendedLifetime(process) {} }
        var free: [Double] = []
        var ordered: [Double] = []
        for run in 1...max(1, runs) {
            progress("order: run \(run) of \(runs)")
            free.append(try await rate(url, .none))
            ordered.append(try await rate(url, .object))
        }
        let ratios = zip(ordered, free).map { $0 / max(1, $1) }
        return [
            Measurement("order", "order = none", median(free), "deliveries/s"),
            Measurement("order", "order = object, 10,000 objects", median(ordered), "deliveries/s"),
            Measurement("order", "ratio", median(ratios), "×", bar: .atLeast(0.7)),
        ]
    }

    private func rate(_ url: String, _ order: DeliveryOrder) async throws -> Double {
        var plugin = benchPlugin("bench", url: url + "/", inFlight: inFlight)
        plugin.order = order
        let bench = try await BenchPipeline(parent: directory, plugins: [plugin])
        let load = try await throughput(bench, objects: Self.objects)
        await bench.remove()
        return load.perSecond
    }
}
