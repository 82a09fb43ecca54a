// /metrics: the daemon's figures. Label values are bounded: plugins of the configuration, states, outcomes, operations.
// Failure: what cannot be read is left out, and `mwdb_webhooks_up` is 0; a scrape never fails as a whole.

import Dispatcher
import Glibc
import Model
import Outbox

extension Interface {
    /// The page.
    func metrics() async -> [UInt8] {
        await exposition().bytes
    }

    /// The page with its families, for the documentation's test.
    func exposition() async -> Exposition {
        var page = Exposition()
        let statuses = try? await control.statuses()
        let sizes = try? await reader.sizes()
        daemon(&page, isUp: statuses != nil && sizes != nil)
        intake(&page)
        plugins(&page, statuses ?? [])
        if let sizes { outbox(&page, sizes) }
        requests(&page)
        return page
    }

    private func daemon(_ page: inout Exposition, isUp: Bool) {
        page.family("mwdb_webhooks_info", .gauge, "Version of the daemon; always 1.")
        page.sample("mwdb_webhooks_info", ["version": Product.version], "1")
        page.single(
            "mwdb_webhooks_up", .gauge, "1 when outbox and plugins could be read for this page.", isUp ? 1 : 0
        )
        page.single(
            "mwdb_webhooks_ready", .gauge, "1 while events are accepted durably (as /readyz).",
            control.isReady ? 1 : 0)
        page.family("mwdb_webhooks_start_time_seconds", .gauge, "When the daemon started, Unix time.")
        page.sample("mwdb_webhooks_start_time_seconds", [:], seconds(startedAt.milliseconds * 1000))
        page.single(
            "mwdb_webhooks_resident_memory_bytes", .gauge, "Memory the daemon has in RAM.", residentMemory())
    }

    private func intake(_ page: inout Exposition) {
        let figures = control.intakeFigures()
        page.family(
            "mwdb_webhooks_events_total", .counter, "Events offered since the start, by what became of them.")
        for (outcome, count) in [
            ("accepted", figures.accepted), ("duplicate", figures.duplicates),
            ("conflict", figures.conflicts),
            ("rejected", figures.rejected),
        ] {
            page.sample("mwdb_webhooks_events_total", ["outcome": outcome], String(count))
        }
        page.family("mwdb_webhooks_event_size_bytes", .histogram, "Sizes of the events that came in.")
        page.histogram("mwdb_webhooks_event_size_bytes", figures.sizes) { String($0) }
        page.single("mwdb_webhooks_spool_files_total", .counter, "Spool files taken in whole.", figures.files)
        page.single(
            "mwdb_webhooks_spool_files_rejected_total", .counter,
            "Spool files with a line that was no event.",
            figures.rejectedFiles)
        page.single(
            "mwdb_webhooks_spool_files_waiting", .gauge, "Spool files seen and not yet taken.",
            figures.waitingFiles)
        page.single(
            "mwdb_webhooks_source_lost_events_total", .counter,
            "Events that MWDB's event source reported as lost.", figures.lostAtSource)
        page.single(
            "mwdb_webhooks_sources", .gauge, "MWDB processes that wrote a heartbeat.", figures.sources)
        if let heartbeat = figures.lastHeartbeat {
            page.family(
                "mwdb_webhooks_source_heartbeat_seconds", .gauge,
                "When a source last wrote its heartbeat, Unix time.")
            page.sample("mwdb_webhooks_source_heartbeat_seconds", [:], seconds(heartbeat * 1000))
        }
        page.single(
            "mwdb_webhooks_intake_refusing", .gauge,
            "1 while nothing is taken in (disk short, outbox broken).",
            figures.refusedBecause == nil ? 0 : 1)
    }

    private func outbox(_ page: inout Exposition, _ sizes: OutboxSizes) {
        page.single(
            "mwdb_webhooks_outbox_database_bytes", .gauge, "Size of the outbox's database.", sizes.database)
        page.single(
            "mwdb_webhooks_outbox_reusable_bytes", .gauge, "Of the database, free for reuse.", sizes.reusable)
        page.single("mwdb_webhooks_outbox_log_bytes", .gauge, "Size of the write-ahead log.", sizes.log)
        page.single(
            "mwdb_webhooks_outbox_disk_free_bytes", .gauge, "Bytes left on the outbox's file system.",
            sizes.diskFree)
        page.single(
            "mwdb_webhooks_outbox_disk_total_bytes", .gauge, "Size of the outbox's file system.",
            sizes.diskTotal)
        page.single(
            "mwdb_webhooks_outbox_disk_limit_bytes", .gauge,
            "Intake stops when less than this is left (min_free_space).", control.settings.minimumFreeSpace)
    }

    private func requests(_ page: inout Exposition) {
        let name = "mwdb_webhooks_http_requests_total"
        page.family(name, .counter, "Requests to the HTTP interface, by operation and class of status.")
        for (operation, statuses) in requestCounts.sorted(by: { $0.key < $1.key }) {
            for (hundreds, count) in statuses.sorted(by: { $0.key < $1.key }) {
                page.sample(name, ["operation": operation, "status": "\(hundreds)xx"], String(count))
            }
        }
    }

    /// Answers by operation and hundreds of the status. Routes that share a name, as the dashboard's files do, are
    /// one operation.
    private var requestCounts: [String: [Int: Int64]] {
        let routes = routes
        var sums: [String: [Int: Int64]] = [:]
        for (route, hundreds, count) in counters.all {
            sums[route.map { routes[$0].name } ?? "none", default: [:]][hundreds, default: 0] += count
        }
        return sums
    }

    /// `microseconds` as seconds with a decimal point, without rounding.
    func seconds(_ microseconds: Int64) -> String {
        let magnitude = microseconds.magnitude
        let fraction = String(magnitude % 1_000_000)
        let padded = String(repeating: "0", count: 6 - fraction.count) + fraction
        return "\(microseconds < 0 ? "-" : "")\(magnitude / 1_000_000).\(padded)"
    }

    private func residentMemory() -> Int {
        // /proc/self/statm, proc(5): the second number is resident pages.
        guard let file = fopen("/proc/self/statm", "re") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, 128, file) != nil else { return 0 }
        let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        let numbers = text.split(separator: " ")
        return numbers.count > 1 ? (Int(numbers[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
    }
}
