// One request for several events: how their bodies stand beside each other, whatever is in them.

import Model
import Testing

@testable import Dispatcher

struct BatchRequestTests {
    private let lines = [
        Sample.file("a", name: "x\"\r\n],{{event.id}}"),
        Array(
            #"{"id":"b","type":"on_created_file","data":{"n":\#(String(repeating: "9", count: 301)),"u":"\u0000"}}"#
                .utf8),
        Sample.file("c"),
    ]

    private func build(_ change: (inout Plugin) -> Void = { _ in }) throws -> Request {
        let plugin = Plugin.named("p") {
            $0.batch.count = 10
            change(&$0)
        }
        let batch = RequestBuilder(plugin: plugin, mwdb: nil, redaction: .none)
            .batch(token: 3, events: lines.map { EventSource($0) }, now: .at(0))
        #expect(batch.members == [0, 1, 2] && batch.failures.isEmpty)
        return try #require(batch.request)
    }

    @Test func anArrayOfEventsAsTheyWereWritten() throws {
        let request = try build()
        let expected = "[" + lines.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ",") + "]"
        #expect(request.body.text == expected)
        #expect(request.header("content-type") == "application/json")
        #expect(request.header("webhook-id") == RequestBuilder.batchID(["a", "b", "c"]))
    }

    @Test func aLineForEach() throws {
        let request = try build {
            $0.batch.format = .ndjson
            $0.template = .of("{\"name\":\n {{file.file_name}}}")
        }
        let found = try #require(request.body.text).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(found.count == 4 && found.last == "", "a line break behind each")
        #expect(try JSON.parse(Array(found[0].utf8))["name"]?.text == "x\"\r\n],{{event.id}}")
        #expect(request.header("content-type") == "application/x-ndjson")
    }

    @Test func linesOfATemplateStayLines() throws {
        let request = try build {
            $0.batch.format = .ndjson
            $0.template = .of("{\"create\":{\"_id\":\"{{event.id}}\"}}\n{\"name\":{{file.file_name}}}")
        }
        let found = try #require(request.body.text).split(separator: "\n")
        #expect(found.count == 6)
        for line in found { _ = try JSON.parse(Array(line.utf8)) }
    }

    @Test func aBatchOfCloudEvents() throws {
        let request = try build { $0.body = .cloudevents }
        #expect(request.header("content-type") == "application/cloudevents-batch+json")
        guard case .array(let events) = try JSON.parse(Array(try #require(request.body.text).utf8)) else {
            Issue.record("no array")
            return
        }
        #expect(events.map { $0["id"]?.text } == ["a", "b", "c"])
        #expect(events.allSatisfy { $0["specversion"]?.text == "1.0" })
    }

    @Test func theIdFollowsFromTheEventsAndTheirOrder() throws {
        let id = RequestBuilder.batchID(["a", "b"])
        #expect(id == RequestBuilder.batchID(["a", "b"]) && id.hasPrefix("batch-") && id.utf8.count == 38)
        #expect(Set([id, RequestBuilder.batchID(["b", "a"]), RequestBuilder.batchID(["a"])]).count == 3)
    }

    @Test func aTestEventIsABatchOfOne() throws {
        let plugin = Plugin.named("p") { $0.batch.count = 10 }
        let request = try RequestBuilder(plugin: plugin, mwdb: nil, redaction: .none)
            .request(token: 1, event: EventSource(lines[2]), sample: nil, now: .at(0))
        #expect(request.body.text == "[" + String(decoding: lines[2], as: UTF8.self) + "]")
    }

    @Test func anEventThatCannotBeReadKeepsNoOtherBack() throws {
        let plugin = Plugin.named("p") {
            $0.batch.count = 10
            $0.body = .cloudevents
        }
        let broken = EventSource(id: "x", type: "on_created_file", body: Array("{".utf8))
        let batch = RequestBuilder(plugin: plugin, mwdb: nil, redaction: .none)
            .batch(token: 1, events: [broken, EventSource(lines[0])], now: .at(0))
        #expect(batch.members == [1] && batch.failures.map(\.0) == [0])
        #expect(batch.request?.header("webhook-id") == RequestBuilder.batchID(["a"]))
    }
}
