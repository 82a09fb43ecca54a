// /metrics as Prometheus reads it, and docs/metrics.md as people do.

import Glibc
import Logging
import Model
import Testing

@testable import Dispatcher
@testable import Outbox
@testable import Web

@Suite("Metrics")
struct MetricsTests {
    /// A sample line, taken apart as a scraper would.
    struct Sample {
        var name: String
        var labels: [String: String] = [:]
        var value: String
    }

    private func interface(_ control: ScriptedControl) -> Interface {
        Interface(
            control: control, reader: ScriptedReader(),
            log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            now: { Timestamp(milliseconds: 1_000_000) }, reload: { [] })
    }

    private func control() -> ScriptedControl {
        ScriptedControl { script in
            var status = PluginStatus(name: Rows.hostile, state: .suspended)
            status.counts = [.ready: 2, .dead: 1]
            status.oldestPending = Timestamp(milliseconds: 998_500)
            status.nextRetry = Timestamp(milliseconds: 1_001_250)
            for duration: Int64 in [500, 1000, 1001, 400_000_000] { status.latency.add(duration) }
            script.statuses = .success([status])
            script.figures.lastHeartbeat = 999_000
            script.figures.rejected = 3
        }
    }

    /// Parses a page as the exposition format describes it.
    private func parse(_ page: [UInt8]) throws -> (types: [String: String], samples: [Sample]) {
        var types: [String: String] = [:]
        var samples: [Sample] = []
        for line in String(decoding: page, as: UTF8.self).split(separator: "\n") {
            if line.hasPrefix("# TYPE ") {
                let words = line.split(separator: " ")
                #expect(types.updateValue(String(words[3]), forKey: String(words[2])) == nil)
            } else if !line.hasPrefix("#") {
                samples.append(try sample(String(line)))
            }
        }
        return (types, samples)
    }

    private func sample(_ line: String) throws -> Sample {
        let head = try #require(
            try /([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})? (\S+)/.dotMatchesNewlines().wholeMatch(in: line))
        var sample = Sample(name: String(head.1), value: String(head.3))
        if let labels = head.2 {
            for label in labels.matches(of: /([a-z_]+)="((?:[^"\\]|\\["\\n])*)"/) {
                let text = String(label.2).replacing("\\n", with: "\n").replacing("\\\"", with: "\"")
                sample.labels[String(label.1)] = text.replacing("\\\\", with: "\\")
            }
        }
        return sample
    }

    @Test("Every sample belongs to a declared family, and no two are the same")
    func wellFormed() async throws {
        let (types, samples) = try parse(await interface(control()).metrics())
        var seen: Set<String> = []
        for sample in samples {
            let family = ["_bucket", "_sum", "_count"].reduce(sample.name) { name, suffix in
                name.hasSuffix(suffix) && types[String(name.dropLast(suffix.count))] == "histogram"
                    ? String(name.dropLast(suffix.count)) : name
            }
            #expect(types[family] != nil, "\(sample.name)")
            #expect(family.hasPrefix("mwdb_webhooks_"))
            #expect(types[family] != "counter" || family.hasSuffix("_total"), "\(family)")
            #expect(Double(sample.value) != nil, "\(sample.value)")
            #expect(seen.insert("\(sample.name) \(sample.labels.sorted { $0.key < $1.key })").inserted)
        }
    }

    @Test("Operations of one name are one series: the dashboard's files, the document at either address")
    func operations() async throws {
        try await ServerFixture.run { server in
            for path in ["/", "/assets/app.js", "/openapi.json", "/api/openapi.json", "/nothing"] {
                _ = try await server.get(path)
            }
            let samples = try parse(try await server.get("/metrics").body).samples
            let requests = samples.filter { $0.name == "mwdb_webhooks_http_requests_total" }
            let series = requests.map {
                "\($0.labels["operation"] ?? "") \($0.labels["status"] ?? "") \($0.value)"
            }
            #expect(series == ["none 4xx 1", "openapi 2xx 2", "page 2xx 2"])
            let names = Set(interface(server.control).routes.filter(\.isPage).map(\.name))
            let documented = try file("docs/metrics.md")
            for name in names.subtracting(["openapi"]) { #expect(documented.contains("`\(name)`")) }
        }
    }

    @Test("A hostile name is one label value and no line of its own")
    func escaping() async throws {
        let page = await interface(control()).metrics()
        let states = try parse(page).samples.filter { $0.name == "mwdb_webhooks_plugin_state" }
        #expect(states.count == 6)
        #expect(states.filter { $0.value == "1" }.map { $0.labels["state"] } == ["suspended"])
        #expect(states[0].labels["plugin"]?.unicodeScalars.contains("\n") == true)
        #expect(
            !String(decoding: page, as: UTF8.self).split(separator: "\n").contains {
                $0.hasPrefix("X-Injected")
            })
    }

    @Test("Histogram buckets are cumulative and end in all")
    func histogram() async throws {
        let samples = try parse(await interface(control()).metrics()).samples
        let buckets = samples.filter { $0.name == "mwdb_webhooks_attempt_duration_seconds_bucket" }
        #expect(buckets.first?.labels["le"] == "0.001")
        #expect(buckets.map(\.value) == ["2"] + Array(repeating: "3", count: 15) + ["4"])
        #expect(buckets.last?.labels["le"] == "+Inf")
        #expect(
            samples.first { $0.name == "mwdb_webhooks_attempt_duration_seconds_sum" }?.value == "400.002501")
    }

    @Test("Sizes are in bytes, ages in seconds up to days")
    func sizes() async throws {
        let control = control()
        control.script.withLock { $0.figures.sizes.add(700) }
        let samples = try parse(await interface(control).metrics()).samples
        let buckets = samples.filter { $0.name == "mwdb_webhooks_event_size_bytes_bucket" }
        #expect(buckets.map { $0.labels["le"] }.prefix(3) == ["512", "1024", "2048"])
        #expect(buckets.map(\.value).prefix(3) == ["0", "1", "1"])
        #expect(samples.first { $0.name == "mwdb_webhooks_event_size_bytes_sum" }?.value == "700")
        let ages = samples.filter { $0.name == "mwdb_webhooks_delivery_age_seconds_bucket" }
        #expect(ages.map { $0.labels["le"] }.suffix(2) == ["259200.0", "+Inf"])
    }

    @Test("Ages and moments are in seconds")
    func units() async throws {
        let samples = try parse(await interface(control()).metrics()).samples
        func value(_ name: String) -> String? { samples.first { $0.name == "mwdb_webhooks_" + name }?.value }
        #expect(value("oldest_pending_seconds") == "1.500000")
        #expect(value("next_retry_seconds") == "1001.250000")
        #expect(value("source_heartbeat_seconds") == "999.000000")
    }

    @Test("docs/metrics.md lists each family with its kind and help, and no other")
    func documented() async throws {
        let text = try file("docs/metrics.md")
        let families = await interface(control()).exposition().families
        for family in families {
            #expect(text.contains("| `\(family.name)` | \(family.kind.rawValue) |"), "\(family.name)")
            #expect(text.contains("| \(family.help) |"), "\(family.name): \(family.help)")
        }
        let listed = Set(text.matches(of: /\| `(mwdb_webhooks_[a-z_]+)` \|/).map { String($0.1) })
        #expect(listed == Set(families.map(\.name)))
    }
}

/// A file of the repository.
func file(_ path: String, from here: String = #filePath) throws -> String {
    let root = here.split(separator: "/").dropLast(3).joined(separator: "/")
    let file = try #require(fopen("/\(root)/\(path)", "r"), "\(path) is missing")
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
    return String(decoding: bytes, as: UTF8.self)
}
