// The OpenAPI document: published as it is served, and kept by the answers.

import Logging
import Model
import Settings
import Testing

@testable import Dispatcher
@testable import Outbox
@testable import Web

@Suite("OpenAPI document")
struct DocumentTests {
    private var interface: Interface {
        Interface(
            control: ScriptedControl(), reader: ScriptedReader(),
            log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), reload: { [] })
    }

    @Test("docs/openapi.json is what the daemon serves")
    func published() throws {
        let published = try JSON.parse(Array(file("docs/openapi.json").utf8))
        #expect(published == interface.document, "fetch /api/openapi.json and put it there")
    }

    @Test("Every reference leads somewhere, every operation has a name of its own")
    func references() throws {
        let document = interface.document
        var names: Set<String> = []
        func walk(_ value: JSON) {
            switch value {
            case .object(let members):
                if let reference = value["$ref"]?.text {
                    #expect(document.pointer(String(reference.dropFirst())) != nil, "\(reference)")
                }
                if let name = value["operationId"]?.text { #expect(names.insert(name).inserted, "\(name)") }
                for member in members { walk(member.value) }
            case .array(let elements): for element in elements { walk(element) }
            default: break
            }
        }
        walk(document)
        #expect(names.count == interface.routes.count { !$0.isPage })
    }

    @Test("Answers are what the document promises, member by member")
    func answers() async throws {
        var status = PluginStatus(name: "hello_world", state: .running)
        status.oldestPending = Timestamp(milliseconds: 1)
        let control = ScriptedControl { script in
            script.statuses = .success([status])
            script.settings.plugins = [Plugin(name: "hello_world")]
            script.settings.effectivePlugins["hello_world"] = [
                EffectiveSetting(key: "url", value: "x", origin: .standard)
            ]
            script.report = PingReport(
                request: "POST http://x/", headers: [Header("a", "b")],
                reply: Reply(token: 0, result: .failure(ExchangeFailure(kind: .connect, message: "refused"))),
                verdict: "would be tried again", delivered: false, extracted: [])
        }
        var reader = ScriptedReader()
        reader.summaries = [Rows.summary()]
        reader.event = EventDetail(
            summary: Rows.event(), body: Array("{}".utf8), deliveries: [Rows.summary()])
        reader.detail = DeliveryDetail(
            summary: Rows.summary(), event: Rows.event(), body: nil, extracted: nil, task: nil,
            attempts: [Rows.attempt()], siblings: [])
        let document = interface.document
        try await ServerFixture.run(control: control, reader: reader) { server in
            let requests: [(method: String, path: String, template: String, body: String)] = [
                ("GET", "/api/about", "/api/about", ""), ("GET", "/api/status", "/api/status", ""),
                ("POST", "/api/reload", "/api/reload", ""), ("GET", "/api/plugins", "/api/plugins", ""),
                ("GET", "/api/plugins/hello_world", "/api/plugins/{plugin}", ""),
                ("POST", "/api/plugins/hello_world/pause", "/api/plugins/{plugin}/pause", ""),
                ("POST", "/api/plugins/hello_world/ping", "/api/plugins/{plugin}/ping", ""),
                ("GET", "/api/events", "/api/events", ""),
                ("GET", "/api/events/ev-1", "/api/events/{event}", ""),
                ("GET", "/api/deliveries", "/api/deliveries", ""),
                ("GET", "/api/deliveries/ev-1/hello_world", "/api/deliveries/{event}/{plugin}", ""),
                ("POST", "/api/deliveries/retry", "/api/deliveries/retry", #"{"all":true}"#),
                ("POST", "/api/deliveries/retry", "/api/deliveries/retry", #"{"all":true,"dry_run":true}"#),
                (
                    "POST", "/api/deliveries/replay", "/api/deliveries/replay",
                    #"{"all":true,"plugin":"hello_world"}"#
                ),
                ("POST", "/api/events", "/api/events", "{}"),
                ("GET", "/api/plugins/x", "/api/plugins/{plugin}", ""),
                ("GET", "/api/deliveries?x=1", "/api/deliveries", ""),
            ]
            for request in requests {
                let answer = try await RawConnection.request(
                    request.method, request.path, headers: ["content-type: application/json"],
                    body: Array(request.body.utf8), to: server.socket)
                let responses = document["paths"]?[request.template]?[request.method.lowercased()]?[
                    "responses"]
                let content = try #require(
                    responses?[String(answer.status)]?["content"], "\(request.path) \(answer)")
                let schema = try #require(content[answer.type]?["schema"], "\(request.path)")
                let value = try #require(answer.json)
                let check = SchemaCheck(document: document)
                #expect(check.complaints(value, schema) == [], "\(request.path)")
                #expect(check.undescribed(value, schema) == [], "\(request.path)")
            }
        }
    }
}
