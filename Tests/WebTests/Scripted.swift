// A dispatcher and an outbox that do as they are told, in place of the real ones.

import Glibc
import Mailbox
import Model
import Settings

@testable import Dispatcher
@testable import Outbox
@testable import Web

/// A dispatcher that answers what a test wants and notes what it was asked.
final class ScriptedControl: Control {
    struct Script: Sendable {
        var settings = Settings()
        var notReady: String?
        var answer = IntakeAnswer.accepted(count: 1, duplicates: 0)
        var statuses: Result<[PluginStatus], OutboxError> = .success([])
        var figures = IntakeFigures()
        var report: PingReport?
        var accepted: [(body: [UInt8], lines: Bool)] = []
        var calls: [String] = []
        /// How many deliveries are changed by a retry or cancel, and how many events are replayed.
        var changed = 3
        var replayed = 2
        var sample: [UInt8]?
        var audited: [String] = []
    }

    let script: Lock<Script>

    init(_ prepare: (inout Script) -> Void = { _ in }) {
        var script = Script()
        prepare(&script)
        self.script = Lock(script)
    }

    var settings: Settings { script.withLock { $0.settings } }
    var isReady: Bool { notReadyBecause == nil }
    var notReadyBecause: String? { script.withLock { $0.notReady } }
    /// What was asked of it, in order.
    var calls: [String] { script.withLock { $0.calls } }
    /// Bodies that were offered.
    var accepted: [(body: [UInt8], lines: Bool)] { script.withLock { $0.accepted } }

    func accept(_ body: [UInt8], lines: Bool) async -> IntakeAnswer {
        script.withLock { script in
            script.accepted.append((body, lines))
            return script.answer
        }
    }

    func statuses() async throws -> [PluginStatus] { try script.withLock { $0.statuses }.get() }
    func intakeFigures() -> IntakeFigures { script.withLock { $0.figures } }
    func pause(_ plugin: String, because: String) async throws { note("pause \(plugin): \(because)") }
    func resume(_ plugin: String) async throws { note("resume \(plugin)") }

    func retry(_ selection: DeliverySelection) async throws -> Int {
        note("retry \(describe(selection))")
        return script.withLock { $0.changed }
    }

    func cancel(_ selection: DeliverySelection) async throws -> Int {
        note("cancel \(describe(selection))")
        return script.withLock { $0.changed }
    }

    func replay(_ selection: EventSelection, to plugin: String, newID: Bool) async throws -> ReplayResult {
        note("replay \(selection) to \(plugin) new \(newID)")
        return ReplayResult(replayed: script.withLock { $0.replayed }, skipped: 1)
    }

    func order(_ request: JobRequest, rate: Rate?, who: String) async throws -> JobRecord {
        note("order \(request) rate \(rate.map { "\($0.count)/\($0.period.words)" } ?? "-")")
        var job = Rows.job()
        job.state = .done
        return job
    }

    func count(_ backfill: BackfillRequest) async throws -> Int64 {
        guard backfill.query != "wrong (" else { throw PipelineError("MWDB does not understand the search") }
        return 500
    }

    func stopJob(_ id: Int64) async throws -> JobRecord? {
        note("stop \(id)")
        return id == 7 ? Rows.job() : nil
    }

    func resumeJob(_ id: Int64) async throws -> JobRecord? {
        note("resume job \(id)")
        return id == 7 ? Rows.job() : nil
    }

    func ping(_ plugin: String, hook: String?, sample: String?) async throws -> PingReport {
        note("ping \(plugin) \(hook ?? "-")")
        if let sample, let file = fopen(sample, "r") {
            defer { fclose(file) }
            var bytes = [UInt8](repeating: 0, count: 1 << 20)
            let count = fread(&bytes, 1, bytes.count, file)
            script.withLock { $0.sample = Array(bytes[..<count]) }
        }
        guard let report = script.withLock({ $0.report }) else { throw PipelineError("no receiver") }
        return report
    }

    func preview(
        id: String, type: String, body: [UInt8], to plugin: String
    ) throws(PipelineError) -> RequestPreview {
        let part = Part(name: "\(type) \(plugin)", content: .bytes([0xff]), filename: Rows.hostile)
        return RequestPreview(
            line: "POST http://x/\(id)", headers: [Header("x-token", Rows.secret)], body: .multipart([part]))
    }

    func audit(who: String, what: String, detail: String) async throws {
        script.withLock { $0.audited.append("\(what): \(detail)") }
    }

    private func note(_ call: String) { script.withLock { $0.calls.append(call) } }

    private func describe(_ selection: DeliverySelection) -> String {
        switch selection {
        case .ids(let ids): "ids \(ids.map(\.rawValue))"
        case .matching(let filter):
            "queue \(filter.queue?.rawValue ?? -1) states \(filter.states.map(\.name).sorted()) "
                + "status \(filter.status ?? -1) object \(filter.object ?? "-")"
        }
    }
}

/// An outbox with the rows a test wants.
struct ScriptedReader: OutboxReading {
    var records = [
        PluginRecord(number: .mwdb, name: "mwdb"), PluginRecord(number: PluginNumber(1), name: "hello_world"),
    ]
    var summaries: [DeliverySummary] = []
    var detail: DeliveryDetail?
    var event: EventDetail?
    var failure: OutboxError?
    var next: PageToken?
    let filters = Lock<[String]>([])

    func events(_ filter: EventFilter, after: PageToken?, limit: Int) async throws(OutboxError)
        -> Page<EventSummary>
    {
        if let failure { throw failure }
        filters.withLock {
            $0.append("\(filter.hook ?? "-") after \(after?.description ?? "-") limit \(limit)")
        }
        return Page(items: event.map { [$0.summary] } ?? [], next: next)
    }

    func event(_ id: String) async throws(OutboxError) -> EventDetail? {
        event?.summary.id == id ? event : nil
    }

    func deliveries(_ filter: DeliveryFilter, after: PageToken?, limit: Int) async throws(OutboxError)
        -> Page<DeliverySummary>
    {
        if let failure { throw failure }
        filters.withLock { filters in
            filters.append(
                "queue \(filter.queue?.rawValue ?? -1) states \(filter.states.map(\.name).sorted()) after "
                    + "\(after?.description ?? "-") limit \(limit)")
        }
        return Page(items: summaries, next: next)
    }

    func delivery(_ id: DeliveryID) async throws(OutboxError) -> DeliveryDetail? { detail }

    func find(_ name: DeliveryName) async throws(OutboxError) -> DeliveryID? {
        (summaries + (detail.map { [$0.summary] } ?? [])).first { $0.name == name }?.delivery
    }

    func plugins() async throws(OutboxError) -> [PluginRecord] {
        if let failure { throw failure }
        return records
    }

    func ageTable() async throws(OutboxError) -> AgeTable {
        AgeTable(
            limits: [.minutes(1)], rows: [AgeRow(queue: PluginNumber(1), counts: [1, 2], isEstimate: false)])
    }

    func audit(after: PageToken?, limit: Int) async throws(OutboxError) -> Page<AuditEntry> {
        let at = Timestamp(milliseconds: 1_795_458_483_266)
        return Page(
            items: [AuditEntry(at: at, who: "unix:0", what: "pause", detail: Rows.hostile)], next: next)
    }

    func jobs(after: PageToken?, limit: Int) async throws(OutboxError) -> Page<JobRecord> {
        Page(items: [Rows.job()], next: next)
    }

    func job(_ id: Int64) async throws(OutboxError) -> JobRecord? {
        var job = Rows.job()
        job.state = .done
        return id == 7 ? job : nil
    }

    func count(_ filter: DeliveryFilter) async throws(OutboxError) -> MatchCount {
        filters.withLock {
            $0.append(
                "count queue \(filter.queue?.rawValue ?? -1) states \(filter.states.map(\.name).sorted())")
        }
        return MatchCount(matched: 2, hasMore: false)
    }

    func count(_ filter: EventFilter) async throws(OutboxError) -> MatchCount {
        MatchCount(matched: 1, hasMore: true)
    }

    func count(_ deliveries: [DeliveryID], in states: Set<DeliveryState>) async throws(OutboxError) -> Int64 {
        Int64(summaries.count { deliveries.contains($0.delivery) && states.contains($0.state) })
    }

    func countReplayable(
        _ ids: [String], to plugin: PluginNumber, newID: Bool
    ) async throws(OutboxError) -> Int64 {
        Int64(ids.count { $0 == event?.summary.id })
    }

    func export(_ filter: EventFilter, after: PageToken?) async throws(OutboxError) -> ExportPage {
        after == nil
            ? ExportPage(lines: Array("{\"n\":1}\n".utf8), next: PageToken(below: 1))
            : ExportPage(lines: Array("{\"n\":2}\n".utf8), next: nil)
    }

    func sizes() async throws(OutboxError) -> OutboxSizes {
        if let failure { throw failure }
        return OutboxSizes(database: 1000, reusable: 10, log: 100, diskFree: 1_000_000, diskTotal: 2_000_000)
    }
}

/// Rows with hostile text wherever a stranger may have put it.
enum Rows {
    static let hostile = "\u{1b}[2J\u{202e}\"<script>\r\nX-Injected: 1\0\\ {{secret}} 😀"
    static let secret = "s3cr3t-20261"

    static func job() -> JobRecord {
        let moment = Timestamp(milliseconds: 1_795_458_483_266)
        let filter = DeliveryFilter(queue: PluginNumber(1), states: [.dead], object: hostile)
        return JobRecord(
            id: 7, order: .retry(filter), rate: "10/s", who: "unix:0", createdAt: moment, updatedAt: moment,
            total: 9,
            examined: 4, done: 3, skipped: 1, problem: "MWDB said " + secret + hostile)
    }

    static func summary(_ text: String = hostile, state: DeliveryState = .dead) -> DeliverySummary {
        DeliverySummary(
            delivery: DeliveryID(sequence: 7, plugin: PluginNumber(1)),
            name: DeliveryName(eventID: "ev-1", plugin: "hello_world"), state: state, due: nil, attempts: 2,
            triedFor: .seconds(3), updatedAt: Timestamp(milliseconds: 1_795_458_483_266), reason: text,
            status: 404, hook: "on_created_file", object: hostile,
            acceptedAt: Timestamp(milliseconds: 1_795_458_483_266))
    }

    static func event(_ text: String = hostile) -> EventSummary {
        EventSummary(
            sequence: 7, id: "ev-1", hook: "on_created_file",
            acceptedAt: Timestamp(milliseconds: 1_795_458_483_266), actor: text, object: text, content: nil,
            isKept: true)
    }

    static func attempt(_ text: String = hostile) -> Attempt {
        Attempt(
            number: 1, startedAt: Timestamp(milliseconds: 1_795_458_483_266),
            endedAt: Timestamp(milliseconds: 1_795_458_483_300), status: 404, failure: nil, message: text,
            answerHeaders: "server: \(text.filter { $0 != "\r\n" })\nx: y", answerBody: [0xff, 0, 1],
            remoteAddress: "127.0.0.1:9000")
    }
}
