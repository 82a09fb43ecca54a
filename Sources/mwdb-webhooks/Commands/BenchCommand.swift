// `bench`: measures what this machine and disk can do, with the bare libcurl loop beside it.

import ArgumentParser
import Bench
import Glibc
import Model

/// Measures throughput, latency and cost.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure what this machine and disk can do.",
        discussion: """
            Runs a dispatcher with a private outbox in --directory against a receiver of its own, and in the same \
            run a bare libcurl loop with the same body: the ratio says what durability and retries cost. Put \
            --directory on the disk that will hold the outbox. Where there is a bar, the line says whether it is met.

              mwdb-webhooks bench steady latency --directory /var/lib/mwdb-webhooks
            """)

    @Argument(
        help: """
            Any of idle, steady, intake, latency, backlog, fan-out, hung, files, filters, order, pages; all of them if none. \
            Or storm: a simulated day on which a third of 1,000 receivers are down, the same on every machine.
            """)
    var scenarios: [Bench.Scenario] = []

    @Option(help: "Folder on the disk to measure; everything made there is removed.")
    var directory = "."

    @Option(help: "A receiver to use instead of our own; it must answer 2xx.")
    var url: String?

    @Option(help: "Seconds of each measurement.")
    var seconds = 5

    @Option(help: "Times each ratio is measured; the median counts.")
    var runs = 5

    @Option(help: "Deliveries in flight.")
    var inFlight = 64

    @Option(help: "Size of an event in bytes.")
    var eventSize = 600

    @Option(help: "Pending deliveries in the scenario 'backlog', all deliveries in 'pages'.")
    var backlog = 1_000_000

    @Option(help: "Plugins they wait for in the scenario 'backlog': so many of each event.")
    var backlogPlugins = 10

    @Option(help: "File for the plot of the scenario 'storm', SVG.")
    var plot: String?

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        var bench = Bench(directory: directory) { message in
            let line = Array("bench: \(message)\n".utf8)
            _ = write(STDERR_FILENO, line, line.count)
        }
        bench.url = url
        bench.duration = .seconds(Int64(seconds))
        bench.runs = runs
        bench.inFlight = inFlight
        bench.eventSize = eventSize
        bench.backlog = backlog
        bench.plot = plot
        var measurements: [Measurement] = []
        bench.backlogPlugins = backlogPlugins
        for scenario in scenarios.isEmpty ? Bench.Scenario.measuring : scenarios {
            let made = try await bench.run(scenario)
            if !json { for measurement in made { print(line(measurement)) } }
            measurements += made
        }
        if json { print(String(decoding: report(measurements).serialised(), as: UTF8.self)) }
    }

    private func line(_ measurement: Measurement) -> String {
        let scenario = measurement.scenario.padding(to: 9)
        let name = measurement.name.padding(to: 46)
        let text = "\(scenario) \(name) \(number(measurement.value)) \(measurement.unit)"
        guard let bar = measurement.bar, let isMet = measurement.isMet else { return text }
        return text.padding(to: 76) + " \(sign(bar)): \(isMet ? "met" : "missed")"
    }

    private func sign(_ bar: Measurement.Bar) -> String {
        switch bar {
        case .atLeast(let least): "≥ \(number(least))"
        case .atMost(let most): "≤ \(number(most))"
        }
    }

    private func report(_ measurements: [Measurement]) -> JSON {
        .array(
            measurements.map { measurement in
                var members: [JSON.Member] = [
                    .init(key: "scenario", value: .string(measurement.scenario)),
                    .init(key: "name", value: .string(measurement.name)),
                    .init(key: "value", value: .number(number(measurement.value))),
                    .init(key: "unit", value: .string(measurement.unit)),
                ]
                if let bar = measurement.bar, let isMet = measurement.isMet {
                    members.append(.init(key: "bar", value: .string(sign(bar))))
                    members.append(.init(key: "met", value: .bool(isMet)))
                }
                return .object(members)
            })
    }

    /// Three significant digits are all that a shared machine can promise.
    private func number(_ value: Double) -> String {
        if value >= 100 { return String(Int(value.rounded())) }
        let hundredths = Int((value * 100).rounded())
        let fraction = hundredths % 100
        return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
    }
}

extension Bench.Scenario: ExpressibleByArgument {}

extension String {
    fileprivate func padding(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}

/// The receiver that `bench` starts as a process of its own.
struct BenchReceiverCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "bench-receiver", shouldDisplay: false)

    func run() throws {
        let receiver = try BenchReceiver()
        print(receiver.port)
        fflush(nil)
        receiver.run()
    }
}

/// The producers that `bench` starts as a process of their own.
struct BenchProducersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "bench-producers", shouldDisplay: false)

    @Argument var port: Int
    @Argument var connections: Int
    @Argument var batch: Int
    @Argument var size: Int
    @Argument var milliseconds: Int

    func run() throws {
        let load = BenchLoad(
            port: port, connections: connections, batch: batch, size: size, milliseconds: milliseconds)
        do {
            print(try load.carryOut())
        } catch {
            print(error.description)
        }
        fflush(nil)
    }
}
