// The whole way: an event comes in and reaches its receivers, whatever they answer.

import Mailbox
import Model
import Outbox
import Settings
import Testing

@testable import Dispatcher

struct DeliveryTests {
    private let receiver = Receiver()

    @Test func anUploadIsDelivered() async throws {
        let daemon = try await Daemon.started([.at(receiver.url("/hello"), name: "hello")])
        daemon.spool.put("1.ndjson", [Sample.file("a")])
        let requests = receiver.wait(1, "/hello")
        #expect(requests.map(\.id) == ["a"] && requests.first?.body == Sample.file("a"))
        #expect(try await daemon.stopped() == ["a/hello": .delivered])
        #expect(daemon.spool.waiting == [])
    }

    @Test func manyEventsArriveOnceEach() async throws {
        let daemon = try await Daemon.started([
            .at(receiver.url("/one"), name: "one"), .at(receiver.url("/two"), name: "two"),
        ])
        for file in 0..<5 {
            daemon.spool.put("\(file).ndjson", (0..<40).map { Sample.file("e\(file)-\($0)") })
        }
        #expect(receiver.wait { $0.count >= 400 })
        let states = try await daemon.stopped()
        #expect(states.count == 400 && states.values.allSatisfy { $0 == .delivered })
        for path in ["/one", "/two"] {
            #expect(Set(receiver.received(path).map(\.id)).count == 200)
            #expect(receiver.received(path).count == 200)
        }
    }

    @Test func aFailedDeliveryIsTriedAgainWithItsId() async throws {
        let answers = Lock([500, 503, 429, 302, 404])
        receiver.on(
            "/hello",
            .asks { _ in (answers.withLock { $0.isEmpty ? 200 : $0.removeFirst() }, "busy s3cr3t") })
        let daemon = try await Daemon.started([.at(receiver.url("/hello"), name: "hello")])
        _ = await daemon.post(Sample.file("a"))
        // Five failures in a row suspend the receiver; an operator need not wait for the probe.
        _ = receiver.wait(5, "/hello")
        try await daemon.wait("hello") { $0.failed >= 5 }
        _ = try await daemon.pipeline.retry(.matching(DeliveryFilter()))
        #expect(receiver.wait(6, "/hello").map(\.id) == Array(repeating: "a", count: 6))
        #expect(try await daemon.stopped() == ["a/hello": .delivered])
        #expect(try await Daemon.summaries(in: daemon.folder)["a/hello"]?.attempts == 6)
    }

    @Test func aRefusedDeliveryIsDeadAndRetriedOnDemand() async throws {
        receiver.on("/hello", .answers(422, body: "no"))
        let daemon = try await Daemon.started([.at(receiver.url("/hello"), name: "hello")])
        _ = await daemon.post(Sample.file("a"))
        _ = receiver.wait(1, "/hello")
        try await daemon.wait("hello") { $0.dead > 0 }
        receiver.on("/hello", .answers(200))
        let count = try await daemon.pipeline.retry(.matching(DeliveryFilter(states: [.dead])))
        #expect(count == 1)
        _ = receiver.wait(2, "/hello")
        #expect(try await daemon.stopped() == ["a/hello": .delivered])
    }

    @Test func whatWasSentAndNotAnsweredIsHeldWhereTheOperatorWantsIt() async throws {
        receiver.on("/hello", .resets)
        let daemon = try await Daemon.started([
            .at(receiver.url("/hello"), name: "hello") { $0.onAmbiguous = .hold }
        ])
        _ = await daemon.post(Sample.file("a"), Sample.file("b"))
        _ = receiver.wait(2, "/hello")
        #expect(try await daemon.stopped() == ["a/hello": .held, "b/hello": .held])
        #expect(receiver.received().count == 2)
    }

    @Test func oneBadReceiverHurtsOnlyItself() async throws {
        let gate = Gate()
        defer { gate.open() }
        receiver.on("/hangs", .waits(gate, 200))
        receiver.on("/resets", .resets)
        receiver.on("/fails", .answers(500))
        let daemon = try await Daemon.started(
            ["hangs", "resets", "fails", "good"].map { .at(receiver.url("/\($0)"), name: $0) })
        for number in 0..<60 { _ = await daemon.post(Sample.file("e\(number)")) }
        #expect(receiver.wait(60, "/good").count == 60)
        #expect(receiver.received("/hangs").count < 60, "it still waits for the first")
        let states = try await daemon.stopped(within: .milliseconds(0))
        for number in 0..<60 {
            #expect(states["e\(number)/good"] == .delivered)
            #expect([.ready, .waiting].contains(states["e\(number)/hangs"]))
        }
    }

    @Test func aSampleIsFetchedFromMWDBAndTheTaskWrittenBack() async throws {
        let hash = Sample.hash("MZ")
        receiver.on("/api/file/\(hash)/download", .answers(200, body: "MZ"))
        receiver.on("/sandbox", .answers(200, body: #"{"task_uid": "t-1"}"#))
        let sandbox = Plugin.at(receiver.url("/sandbox"), name: "sandbox") {
            $0.body = .multipart
            $0.file.name = .of("{{file.sha256}}.exe")
            $0.extractions = [try! Extraction(name: "task_uid", source: "json:/task_uid")]
            $0.writeBacks = [.attribute(AttributeWriteBack(key: "drakvuf", value: .of("{{task_uid}}")))]
        }
        let mwdb = MWDBSettings(url: receiver.url("").dropSlash, apiKey: "key")
        let daemon = try await Daemon.started([sandbox], mwdb: mwdb)
        _ = await daemon.post(Sample.file("a"))
        let written = try #require(receiver.wait(1, "/api/file/\(hash)/attribute").first)
        #expect(written.text == #"{"key":"drakvuf","value":"t-1"}"#)
        #expect(written.headers["authorization"] == "Bearer key")
        let sent = try #require(receiver.received("/sandbox").first)
        #expect(sent.text.contains("filename=\"\(hash).exe\"") && sent.text.contains("\r\n\r\nMZ\r\n--"))
        #expect(try await daemon.stopped() == ["a/sandbox": .delivered, "a/sandbox/1": .delivered])
        #expect(contents(daemon.folder.path + "/outbox/content/" + hash) == Array("MZ".utf8))
    }

    @Test func writeBacksWaitForAKeyAndGoWhenThereIsOne() async throws {
        let hello = Plugin.at(receiver.url("/hello"), name: "hello") { $0.writeBacks = [.tag(.of("seen"))] }
        let daemon = try await Daemon.started([hello])
        _ = await daemon.post(Sample.file("a"))
        _ = receiver.wait(1, "/hello")
        try await daemon.wait("mwdb") { $0.counts[.ready, default: 0] > 0 }
        #expect(try await daemon.status("mwdb").state == .disabled)
        try await daemon.reload([hello], mwdb: MWDBSettings(url: receiver.url("").dropSlash, apiKey: "key"))
        let tags = receiver.wait(1, "/api/file/\(Sample.hash("MZ"))/tag")
        #expect(tags.map(\.text) == [#"{"tag":"seen"}"#])
        #expect(try await daemon.stopped() == ["a/hello": .delivered, "a/hello/1": .delivered])
    }

    @Test func aTestEventIsSentAndNothingStored() async throws {
        receiver.on("/hello", .answers(200, body: #"{"id": 7}"#))
        let daemon = try await Daemon.started([
            .at(receiver.url("/hello"), name: "hello") {
                $0.headers = [NamedTemplate(name: "Authorization", value: Template(secret: "Bearer s3cr3t"))]
                $0.extractions = [try! Extraction(name: "id", source: "json:/id")]
                $0.writeBacks = [.tag(.of("{{id}}"))]
            }
        ])
        let report = try await daemon.pipeline.ping("hello", hook: nil, sample: nil)
        #expect(report.delivered && report.verdict == "delivered")
        #expect(report.extracted == [ExtractedValue(name: "id", value: .number("7"))])
        #expect(receiver.received("/hello").first?.headers["authorization"] == "Bearer s3cr3t")
        #expect(!report.headers.contains { $0.value.contains("s3cr3t") })
        receiver.on("/hello", .answers(410))
        #expect(
            try await daemon.pipeline.ping("hello", hook: "on_created_tag", sample: nil).verdict.contains(
                "pause"))
        #expect(try await daemon.status("hello").state == .running, "a test pauses nothing")
        await #expect(throws: PipelineError.self) {
            try await daemon.pipeline.ping("none", hook: nil, sample: nil)
        }
        #expect(try await daemon.stopped() == [:])
    }

    @Test func aTestOfASandboxWantsASample() async throws {
        let daemon = try await Daemon.started([
            .at(receiver.url("/sandbox"), name: "sandbox") { $0.body = .multipart }
        ])
        await #expect(throws: PipelineError.self) {
            try await daemon.pipeline.ping("sandbox", hook: nil, sample: nil)
        }
        await #expect(throws: PipelineError.self) {
            try await daemon.pipeline.ping("sandbox", hook: nil, sample: "/nonexistent")
        }
        let sample = daemon.folder.path + "/sample"
        write(Array("MZ!".utf8), to: sample)
        #expect(try await daemon.pipeline.ping("sandbox", hook: nil, sample: sample).delivered)
        #expect(receiver.received("/sandbox").first?.text.contains("\r\n\r\nMZ!\r\n") == true)
        await daemon.pipeline.stop(within: .seconds(5))
    }
}

extension String {
    /// Without a slash at the end.
    var dropSlash: String { hasSuffix("/") ? String(dropLast()) : self }
}
