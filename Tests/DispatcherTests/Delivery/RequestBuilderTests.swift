// From plugin and event to a request, whatever strangers wrote into the event.

import Crypto
import Foundation
import Model
import Settings
import Testing

@testable import Dispatcher

struct RequestBuilderTests {
    /// What strangers call their files: quotes, line breaks, markup, templates, secrets, other directions.
    static let hostile =
        "a\"b'c\r\nX-Injected: yes\u{0}\u{202e}<script>{{event.id}}${env:HOME}|json&x=y;/../%0d%0a\u{1}é"

    private func build(
        _ line: [UInt8] = Sample.file("e-1"), sample: FileContent? = nil, mwdb: MWDBSettings? = nil,
        _ change: (inout Plugin) -> Void = { _ in }
    ) throws -> Request {
        try RequestBuilder(plugin: .named("p", change), mwdb: mwdb, redaction: .none)
            .request(token: 7, event: EventSource(line), sample: sample, now: .at(0))
    }

    private let sample = FileContent(path: "/content", size: 5 << 20, sha256: Sample.hash("MZ"))

    // MARK: Head

    @Test func theDefaultIsTheEventAsItWasWritten() throws {
        let line = Array(
            #"{"id":"e-1",  "type":"on_created_file","data":{"n":1e300,"u":"\u0000","file":{}}, "x":[1,2]}"#
                .utf8)
        let request = try build(line)
        #expect(request.method == "POST" && request.url == "http://127.0.0.1:9/p" && request.token == 7)
        #expect(request.body == .bytes(line))
        #expect(request.header("content-type") == "application/json")
        #expect(request.header("user-agent") == Product.userAgent)
        #expect(request.header("webhook-id") == "e-1")
        #expect(request.header("webhook-timestamp") == "1800000000")
        #expect(request.header("webhook-signature") == nil)
    }

    @Test func configuredHeadersAreSent() throws {
        let request = try build {
            $0.headers = [
                NamedTemplate(name: "Authorization", value: Template(secret: "Token K")),
                NamedTemplate(name: "X-Name", value: .of("{{file.file_name}}")),
            ]
            $0.contentType = "application/cloudevents+json"
        }
        #expect(request.header("authorization") == "Token K")
        #expect(request.header("x-name") == "a.exe")
        #expect(request.header("content-type") == "application/cloudevents+json")
    }

    @Test func anOperatorsOwnUserAgentReplacesOurs() throws {
        let request = try build {
            $0.headers = [NamedTemplate(name: "User-Agent", value: Template(literal: "Falcon Sandbox"))]
        }
        #expect(request.header("user-agent") == "Falcon Sandbox")
    }

    @Test func aHostileValueStaysInItsHeader() throws {
        let request = try build(Sample.file("e", name: Self.hostile)) {
            $0.headers = [NamedTemplate(name: "X-Name", value: .of("{{file.file_name}}"))]
        }
        let value = try #require(request.header("x-name"))
        #expect(value.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f })
        #expect(value.contains("{{event.id}}") && value.contains("${env:HOME}"), "never expanded again")
        #expect(request.headers.count == 5)
    }

    @Test func aHostileValueStaysInItsPlaceInTheURL() throws {
        let request = try build(Sample.file("e", name: Self.hostile)) {
            $0.url = .of("http://h/api/{{file.file_name}}/x?name={{file.file_name}}&end=1")
        }
        let url = try #require(URLComponents(string: request.url))
        #expect(url.host == "h" && url.path.hasSuffix("/x") && url.fragment == nil)
        #expect(url.queryItems?.map(\.name) == ["name", "end"])
        #expect(url.queryItems?.first?.value == Self.hostile)
        #expect(request.url.utf8.allSatisfy { (0x21...0x7e).contains($0) })
        #expect(!request.url.contains("/../"))
    }

    // MARK: Bodies

    @Test func aJSONTemplateStaysJSON() throws {
        let request = try build(Sample.file("e", name: Self.hostile)) {
            $0.template = .of(
                #"{"text": "{{file.file_name}}", "raw": {{file.file_name}}, "size": {{file.file_size}}}"#)
        }
        let text = try #require(request.body.text)
        let json = try JSON.parse(Array(text.utf8))
        #expect(json["text"]?.text == Self.hostile && json["raw"]?.text == Self.hostile)
        #expect(json["size"] == .number("2"))
        #expect(request.header("content-type") == "application/json")
    }

    @Test func cloudEventsAreOneObjectOrHeadersAndData() throws {
        let line = Sample.file("e", name: Self.hostile)
        let one = try build(line) { $0.body = .cloudevents }
        #expect(one.header("content-type") == "application/cloudevents+json")
        let json = try JSON.parse(Array(try #require(one.body.text).utf8))
        #expect(json["id"]?.text == "e" && json["specversion"]?.text == "1.0")
        #expect(json["data"]?["file"]?["file_name"]?.text == Self.hostile)

        let binary = try build(line) { $0.body = .cloudeventsBinary }
        #expect(binary.header("content-type") == "application/json" && binary.header("webhook-id") == "e")
        #expect(binary.header("ce-id") == "e" && binary.header("ce-type") == "on_created_file")
        #expect(binary.header("ce-subject") == Sample.hash("MZ") && binary.header("ce-actor") == "alice")
        let data = try JSON.parse(Array(try #require(binary.body.text).utf8))
        #expect(data == json["data"])

        let made = try build(line) {
            $0.body = .cloudevents
            $0.template = .of(#"{"name": "{{file.file_name}}"}"#)
        }
        let other = try JSON.parse(Array(try #require(made.body.text).utf8))
        #expect(other["data"] == .object([.init(key: "name", value: .string(Self.hostile))]))
    }

    @Test func aTextTemplateIsText() throws {
        let request = try build {
            $0.body = .text
            $0.template = .of("{{file.file_name}} on {{plugin.name}}")
        }
        #expect(request.body.text == "a.exe on p")
        #expect(request.header("content-type") == "text/plain; charset=utf-8")
    }

    @Test func aFormKeepsHostileValuesInTheirFields() throws {
        let request = try build(Sample.file("e", name: Self.hostile)) {
            $0.body = .form
            $0.fields = [
                NamedTemplate(name: "na me", value: .of("{{file.file_name}}")),
                NamedTemplate(name: "empty", value: .of("{{file.nothing}}")),
                NamedTemplate(name: "last", value: Template(literal: "a b&c=d")),
            ]
        }
        let text = try #require(request.body.text)
        let pairs = text.split(separator: "&").map { $0.split(separator: "=", maxSplits: 1) }
        #expect(pairs.map { String($0[0]) } == ["na+me", "last"], "empty fields are dropped")
        let value = pairs[0][1].replacingOccurrences(of: "+", with: " ").removingPercentEncoding
        #expect(value == Self.hostile)
        #expect(pairs[1][1] == "a+b%26c%3Dd")
        #expect(request.header("content-type") == "application/x-www-form-urlencoded")
    }

    @Test func aMultipartBodyEndsWithTheSample() throws {
        let request = try build(sample: sample) {
            $0.body = .multipart
            $0.fields = [
                NamedTemplate(name: "timeout", value: Template(literal: "600")),
                NamedTemplate(name: "empty", value: .of("{{file.nothing}}")),
            ]
            $0.file.field = "sample"
            $0.file.name = .of("{{file.sha256}}.exe")
        }
        #expect(
            request.body
                == .multipart([
                    Part(name: "timeout", content: .bytes(Array("600".utf8))),
                    Part(
                        name: "sample", content: .file(sample), filename: Sample.hash("MZ") + ".exe",
                        contentType: "application/octet-stream"),
                ]))
        #expect(request.header("content-type") == nil, "its boundary is the courier's")
    }

    @Test func aHostileFileNameIsMadeSafe() throws {
        let name = Self.hostile + String(repeating: "x", count: 10_000)
        let request = try build(Sample.file("e", name: name), sample: sample) {
            $0.body = .multipart
            $0.file.name = .of("{{file.file_name}}")
        }
        guard case .multipart(let parts) = request.body else {
            Issue.record("no multipart body")
            return
        }
        let filename = try #require(parts.last?.filename)
        #expect(filename.utf8.count <= 200)
        #expect(!filename.contains("\"") && filename.unicodeScalars.allSatisfy { $0.value >= 0x20 })
        #expect(filename.hasPrefix("a%22b'c%0D%0AX-Injected: yes_"))
    }

    @Test func anEmptyFileNameIsTheHash() throws {
        let request = try build(Sample.file("e", name: ""), sample: sample) {
            $0.body = .multipart
            $0.file.name = .of("{{file.file_name}}")
        }
        guard case .multipart(let parts) = request.body else {
            Issue.record("no multipart body")
            return
        }
        #expect(parts.last?.filename == Sample.hash("MZ"))
    }

    @Test func aRawBodyIsTheSampleOrATemplate() throws {
        let file = try build(sample: sample) { $0.body = .raw }
        #expect(file.body == .file(sample))
        #expect(file.header("content-type") == "application/octet-stream")
        let text = try build {
            $0.body = .raw
            $0.template = .of("{{file.sha256}}")
        }
        #expect(text.body.text == Sample.hash("MZ"))
    }

    @Test func noBodyHasNoContentType() throws {
        let request = try build {
            $0.body = .none
            $0.method = "GET"
        }
        #expect(request.body == .none && request.method == "GET" && request.header("content-type") == nil)
    }

    @Test(arguments: [BodyKind.multipart, .raw])
    func withoutASampleNothingIsSent(_ body: BodyKind) {
        #expect(throws: RequestBuilder.Failure(reason: "the event has no file to send")) {
            try build { $0.body = body }
        }
    }

    @Test func templatesKnowMWDBAndThePlugin() throws {
        let mwdb = MWDBSettings(url: "http://mwdb:5000", publicURL: "https://mwdb.example")
        let request = try build(mwdb: mwdb) {
            $0.publicURL = "https://p.example"
            $0.body = .text
            $0.template = .of(
                "{{mwdb.public_url}}/file/{{file.id}} {{mwdb.url}} {{plugin.public_url}} {{event.type}}")
        }
        #expect(
            request.body.text
                == "https://mwdb.example/file/\(Sample.hash("MZ")) http://mwdb:5000 https://p.example on_created_file"
        )
    }

    @Test func aFileIsAlsoFoundUnderObject() throws {
        let request = try build(Sample.tag("t", "x")) {
            $0.body = .text
            $0.template = .of("{{file.file_name}} {{object.id}} {{tag.tag}}")
        }
        #expect(request.body.text == "a.exe \(Sample.hash("MZ")) x")
    }

    // MARK: Signatures

    private let secrets = try! [
        SigningSecret(parsing: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        SigningSecret(parsing: "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"),
    ]

    /// What the specification says a receiver computes.
    private func signature(_ request: Request, over body: [UInt8], _ secret: SigningSecret) throws -> String {
        let id = try #require(request.header("webhook-id"))
        let time = try #require(request.header("webhook-timestamp"))
        let signed = Array("\(id).\(time).".utf8) + body
        let code = HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: secret.key))
        return "v1," + Data(code).base64EncodedString()
    }

    @Test func everySecretSignsTheBodyThatIsSent() throws {
        let request = try build {
            $0.secrets = secrets
            $0.template = .of(#"{"name": "{{file.file_name}}"}"#)
        }
        guard case .bytes(let body) = request.body else {
            Issue.record("no bytes")
            return
        }
        let expected = try secrets.map { try signature(request, over: body, $0) }.joined(separator: " ")
        #expect(request.header("webhook-signature") == expected)
    }

    @Test(arguments: [BodyKind.multipart, .raw])
    func aStreamedSampleIsSignedByTheCourier(_ kind: BodyKind) throws {
        let request = try build(sample: sample) {
            $0.body = kind
            $0.secrets = secrets
        }
        #expect(request.header("webhook-signature") == nil)
        #expect(request.signing == Signing(id: "e-1", timestamp: .at(0), secrets: secrets))
        #expect(try build(sample: sample) { $0.body = kind }.signing == nil)
    }

    // MARK: Transport

    @Test func largeSamplesGetMoreTime() throws {
        let small = try build { $0.transport.totalTimeout = .seconds(10) }
        #expect(small.transport.totalTimeout == .seconds(10))
        let large = try build(sample: sample) {
            $0.body = .raw
            $0.transport.totalTimeout = .seconds(10)
        }
        #expect(large.transport.totalTimeout == .seconds(15))
    }

    @Test func whereARepeatDoesHarmNoConnectionIsUsedAgain() throws {
        #expect(try build().transport.reusesConnections)
        #expect(try !build { $0.onAmbiguous = .hold }.transport.reusesConnections)
    }

    @Test func theAnswersLimitIsThePlugins() throws {
        #expect(try build { $0.maximumResponse = 123 }.answer == .memory(limit: 123))
    }
}
