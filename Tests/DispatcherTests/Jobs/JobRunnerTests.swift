// Jobs in a running dispatcher: to their end, over restarts, and with an MWDB that is slow, gone or wrong.

import Mailbox
import Model
import Outbox
import Settings
import Testing

@testable import Dispatcher

struct JobRunnerTests {
    private let receiver = Receiver()

    /// MWDB's list and objects, `count` files, newest first.
    private func serveMWDB(_ count: Int, page: Int = 100) -> [String] {
        let ids = (0..<count).map { number in
            let digits = String(number, radix: 16)
            return String(repeating: "0", count: 64 - digits.count) + digits
        }
        receiver.on("/api/file/count", .answers(200, body: #"{"count":\#(count)}"#))
        receiver.on(
            "/api/file",
            .asks { request in
                let pivot = request.query.split(separator: "older_than=").dropFirst().first.map(String.init)
                let start = pivot.flatMap { ids.firstIndex(of: $0) }.map { $0 + 1 } ?? 0
                let rows = ids[start...].prefix(page).map { #"{"id":"\#($0)","type":"file"}"# }
                return (200, #"{"files":[\#(rows.joined(separator: ","))]}"#)
            })
        for id in ids {
            receiver.on(
                "/api/file/" + id,
                .answers(
                    200,
                    body:
                        #"{"id":"\#(id)","type":"file","sha256":"\#(id)","upload_time":"2026-11-23T18:28:03+00:00"}"#
                ))
        }
        return ids
    }

    private var mwdb: MWDBSettings { MWDBSettings(url: receiver.url(""), apiKey: "key") }

    private func wait(_ daemon: Daemon, _ id: Int64, for state: JobState) async throws -> JobRecord {
        let start = Clock.system.steady()
        while true {
            let job = try #require(try await daemon.pipeline.reader.job(id))
            if job.state == state { return job }
            if Clock.system.steady() - start > .seconds(20) { throw PipelineError("in vain: \(job)") }
            await Task.yield()
        }
    }

    @Test func aRetryAndAReplayRunToTheirEnd() async throws {
        receiver.on("/hello", .answers(400))
        let daemon = try await Daemon.started([
            .at(receiver.url("/hello"), name: "hello"), .at(receiver.url("/b"), name: "b"),
        ])
        for number in 0..<20 { _ = await daemon.post(Sample.file("e\(number)")) }
        try await daemon.wait("hello") { $0.dead >= 20 }
        receiver.on("/hello", .answers(200))
        let retry = try await daemon.pipeline.order(
            .retry(DeliveryFilter(states: [.dead])), rate: try Rate(parsing: "1000/s"), who: "x")
        #expect(try await wait(daemon, retry.id, for: .done).done == 20)
        let replay = try await daemon.pipeline.order(
            .replay(EventFilter(since: Timestamp(milliseconds: 1)), plugin: "b", newID: true), rate: nil,
            who: "x")
        #expect(try await wait(daemon, replay.id, for: .done).done == 20)
        #expect(
            receiver.wait { $0.count { $0.path == "/b" } >= 40 && $0.count { $0.path == "/hello" } >= 40 })
        _ = try await daemon.stopped()
    }

    @Test func aCancelReachesWhatWaitsToBeSentAndLeavesOtherPlugins() async throws {
        let gate = Gate()
        receiver.on("/slow", .waits(gate, 200))
        var slow = Plugin.at(receiver.url("/slow"), name: "slow")
        slow.concurrency = 2
        let daemon = try await Daemon.started([slow, .at(receiver.url("/b"), name: "b")])
        for number in 0..<20 { _ = await daemon.post(Sample.file("e\(number)")) }
        #expect(receiver.wait { $0.count { $0.path == "/slow" } >= 1 && $0.count { $0.path == "/b" } >= 20 })
        let job = try await daemon.pipeline.order(
            .cancel(DeliveryFilter(states: [.ready, .waiting])), rate: nil, who: "x")
        #expect(try await wait(daemon, job.id, for: .done).done >= 18)
        _ = await daemon.post(Sample.file("later"))
        #expect(receiver.wait { $0.count { $0.path == "/b" } >= 21 })
        gate.open()
        try await daemon.wait("slow") { $0.delivered >= 1 }
        let states = try await daemon.stopped()
        let sent = receiver.received("/slow").count
        let called = states.filter { $0.key.hasSuffix("/slow") && $0.value == .cancelled }.count
        #expect(called >= 18 && sent <= 3, "what was in flight, and what came later")
    }

    @Test func aJobGoesOnAfterTheDaemonWasKilled() async throws {
        let daemon = try await Daemon.started([.at(receiver.url("/hello"), name: "hello")])
        for number in 0..<30 { _ = await daemon.post(Sample.file("e\(number)")) }
        #expect(receiver.wait { $0.count >= 30 })
        let job = try await daemon.pipeline.order(
            .replay(EventFilter(), plugin: "hello", newID: true), rate: try Rate(parsing: "1/h"), who: "x")
        _ = receiver.wait(31, "/hello")
        let copy = try daemon.copied()
        #expect(try await daemon.pipeline.stopJob(job.id)?.state == .stopped)
        _ = try await daemon.stopped()
        // As after kill -9: the job's one copy is there, and its place behind it.
        let other = try await Daemon.started([.at(receiver.url("/hello"), name: "hello")], in: copy)
        _ = try await other.pipeline.stopJob(job.id)
        let resumed = try #require(try await other.pipeline.resumeJob(job.id))
        #expect(resumed.state == .running && resumed.done >= 1)
        _ = try await other.pipeline.stopJob(job.id)
        _ = try await other.stopped()
    }

    @Test func aBackfillTakesEachObjectInOnceAndOnlyForItsPlugin() async throws {
        let ids = serveMWDB(60, page: 23)
        let daemon = try await Daemon.started(
            [.at(receiver.url("/hello"), name: "hello"), .at(receiver.url("/other"), name: "other")],
            mwdb: mwdb)
        let job = try await daemon.pipeline.order(
            .backfill(BackfillRequest(query: "tag:x", plugin: "hello")), rate: nil, who: "x")
        #expect(job.total == 60)
        let done = try await wait(daemon, job.id, for: .done)
        #expect(done.done == 60 && done.skipped == 0 && done.problem == nil)
        let again = try await daemon.pipeline.order(
            .backfill(BackfillRequest(query: nil, plugin: "hello")), rate: nil, who: "x")
        #expect(try await wait(daemon, again.id, for: .done).skipped == 60)
        #expect(receiver.wait { $0.count { $0.path == "/hello" } >= 60 })
        let states = try await daemon.stopped()
        #expect(states.count == 60 && states.keys.allSatisfy { $0.hasSuffix("/hello") })
        let objects = try await Daemon.summaries(in: daemon.folder).values.compactMap(\.object)
        #expect(Set(objects) == Set(ids))
        #expect(receiver.received("/api/file").allSatisfy { $0.headers["authorization"] == "Bearer key" })
    }

    @Test func aWrongSearchIsRefusedAtOnceAndARefusedKeyFailsTheJob() async throws {
        _ = serveMWDB(3)
        let daemon = try await Daemon.started([.at(receiver.url("/hello"), name: "hello")], mwdb: mwdb)
        receiver.on("/api/file/count", .answers(400, body: #"{"message":"Unexpected ("}"#))
        let wrong = await #expect(throws: PipelineError.self) {
            _ = try await daemon.pipeline.order(
                .backfill(BackfillRequest(query: "(", plugin: "hello")), rate: nil, who: "x")
        }
        #expect(wrong?.description == "MWDB does not understand the search: Unexpected (")
        receiver.on("/api/file/count", .answers(200, body: #"{"count":3}"#))
        receiver.on("/api/file", .answers(401))
        let job = try await daemon.pipeline.order(
            .backfill(BackfillRequest(query: nil, plugin: "hello")), rate: nil, who: "x")
        let failed = try await wait(daemon, job.id, for: .failed)
        #expect(failed.problem?.contains("api_key") == true)
        // Resumed as soon as it has failed, while its task is perhaps not through.
        for _ in 0..<20 {
            _ = try await daemon.pipeline.resumeJob(job.id)
            _ = try await wait(daemon, job.id, for: .failed)
        }
        _ = serveMWDB(3)
        _ = try await daemon.pipeline.resumeJob(job.id)
        #expect(try await wait(daemon, job.id, for: .done).done == 3)
        _ = try await daemon.stopped()
    }

    @Test func aSilentMWDBDoesNotKeepTheDaemonFromEnding() async throws {
        _ = serveMWDB(3)
        let gate = Gate()
        receiver.on("/api/file", .waits(gate, 200))
        let daemon = try await Daemon.started([.at(receiver.url("/hello"), name: "hello")], mwdb: mwdb)
        let job = try await daemon.pipeline.order(
            .backfill(BackfillRequest(query: nil, plugin: "hello")), rate: nil, who: "x")
        _ = receiver.wait(1, "/api/file")
        let start = Clock.system.steady()
        _ = try await daemon.stopped()
        #expect(Clock.system.steady() - start < .seconds(20))
        let reader = try OutboxReader(directory: daemon.folder.path + "/outbox")
        let stored = try #require(try await reader.job(job.id))
        #expect(stored.state == .running && stored.problem == nil)
        gate.open()
    }

    @Test func withoutAKeyOrASubscriptionThereIsNoBackfill() async throws {
        let daemon = try await Daemon.started(
            [.at(receiver.url("/t"), name: "t", hooks: ["on_created_tag"])], mwdb: mwdb)
        for plugin in ["t", "nobody"] {
            await #expect(throws: PipelineError.self) {
                _ = try await daemon.pipeline.count(BackfillRequest(query: nil, plugin: plugin))
            }
        }
        try await daemon.reload([.at(receiver.url("/t"), name: "t")])
        let missing = await #expect(throws: PipelineError.self) {
            _ = try await daemon.pipeline.count(BackfillRequest(query: nil, plugin: "t"))
        }
        #expect(missing?.description.contains("api_key") == true)
        _ = try await daemon.stopped()
    }

    @Test func theSourceIsTheOneOfTheLatestHeartbeat() throws {
        let folder = Folder()
        #expect(Pipeline.source(heartbeats: folder.path) == "mwdb")
        write(Array(#"{"source":"lab"}"#.utf8), to: folder.path + "/host.1")
        write(Array("{".utf8), to: folder.path + "/host.2")
        #expect(Pipeline.source(heartbeats: folder.path) == "lab")
    }
}
