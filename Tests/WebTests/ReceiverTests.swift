// The built-in receiver: forms taken apart wherever the chunks break, signatures checked as a receiver should.

import Logging
import Mailbox
import Model
import NIOCore
import Settings
import Testing

@testable import Web
@testable import mwdb_webhooks

@Suite("Receiver")
struct ReceiverTests {
    private static let form = Array(
        ("preamble\r\n--b\r\ncontent-disposition: form-data; name=\"timeout\"\r\n\r\n600\r\n"
            + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a%22b.exe\"\r\n"
            + "Content-Type: application/octet-stream\r\n\r\n\r\n--c\r\n--\r\r\n-\r\n--b\r\n\r\n\r\n--b--\r\nepilogue")
            .utf8)

    private func record(_ body: [UInt8], pieces: Int, type: String) -> ReceivedBody {
        var recorder = BodyRecorder(contentType: type)
        for start in stride(from: 0, to: body.count, by: pieces) {
            recorder.add(ByteBuffer(bytes: body[start..<min(start + pieces, body.count)]))
        }
        return recorder.finish()
    }

    @Test("A form is the same however it is cut into chunks")
    func chunks() throws {
        let whole = record(Self.form, pieces: Self.form.count, type: "multipart/form-data; boundary=\"b\"")
        guard case .parts(let parts) = whole else {
            Issue.record("\(whole)")
            return
        }
        #expect(parts.map(\.name) == ["timeout", "file", ""])
        #expect(parts[0].value == Array("600".utf8))
        #expect(parts[1].filename == "a%22b.exe")
        #expect(parts[1].size == Int64("\r\n--c\r\n--\r\r\n-".utf8.count))
        #expect(parts[2].size == 0)
        #expect(parts[2].sha256 == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        for pieces in 1..<Self.form.count {
            #expect(record(Self.form, pieces: pieces, type: "multipart/form-data; boundary=b") == whole)
        }
    }

    @Test("A form that is none, or breaks off, is shown as broken")
    func broken() {
        for body in ["", "--b", "nothing", "--b\r\nx: y\r\n\r\nvalue", "--bx\r\n\r\n--b--"] {
            let found = record(Array(body.utf8), pieces: 3, type: "multipart/form-data; boundary=b")
            #expect(found == .broken("the form is not complete"), "\(body)")
        }
        let head = Array(("--b\r\n" + String(repeating: "x", count: 40_000)).utf8)
        #expect(
            record(head, pieces: 1000, type: "multipart/form-data; boundary=b")
                == .broken("the form is not complete"))
        #expect(MultipartScanner.boundary(ofContentType: "multipart/form-data") == nil)
        #expect(MultipartScanner.boundary(ofContentType: "application/json; boundary=b") == nil)
    }

    private let secret = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"

    private func finding(
        _ change: (inout [String: String]) -> Void = { _ in }, content: String = "body", at: Int64 = 1000
    ) throws -> SignatureFinding {
        let key = try SigningSecret(parsing: secret)
        let moment = Timestamp(milliseconds: 1_000_000)
        var headers = [
            "webhook-id": "id-1", "webhook-timestamp": "1000",
            "webhook-signature": "v1,AAAA "
                + (try Signature.header(
                    id: "id-1", timestamp: moment, body: Array("body".utf8), secrets: [key])
                    ?? "")
                ,
        ]
        change(&headers)
        var check = SignatureCheck(
            key: .secret(key), headers: { headers[$0] }, now: Timestamp(milliseconds: at * 1000))
        // In pieces, as a body is received.
        for byte in content.utf8 { withUnsafeBytes(of: byte) { check.update($0) } }
        return check.finding
    }

    @Test("A signature holds for its body, its id and its time, and for nothing else")
    func signatures() throws {
        #expect(try finding() == .valid)
        #expect(try finding(at: 1300) == .valid)
        #expect(try finding({ $0["webhook-signature"] = nil }) == .missing)
        for wrong in [
            try finding(content: "bodY"), try finding({ $0["webhook-id"] = "id-2" }),
            try finding({ $0["webhook-timestamp"] = "1001" }),
            try finding({ $0["webhook-timestamp"] = "soon" }),
            try finding({ $0["webhook-timestamp"] = "9223372036854775807" }),
            try finding({ $0["webhook-signature"] = "v1,AAAA" }),
            try finding({ $0["webhook-signature"] = "" }),
            try finding(at: 1301), try finding(at: 699),
        ] {
            guard case .wrong = wrong else {
                Issue.record("\(wrong)")
                continue
            }
        }
        // With the public key of an ed25519 secret.
        let pair = SigningSecret.random(.ed25519)
        for body in ["body", "bodY"] {
            let header = try Signature.header(
                id: "id-1", timestamp: Timestamp(milliseconds: 1_000_000), body: Array("body".utf8),
                secrets: [pair])
            let headers = [
                "webhook-id": "id-1", "webhook-timestamp": "1000", "webhook-signature": header ?? "",
            ]
            var check = SignatureCheck(
                key: try VerifyingKey(parsing: pair.publicKey ?? ""), headers: { headers[$0] },
                now: Timestamp(milliseconds: 1_000_000))
            for byte in body.utf8 { withUnsafeBytes(of: byte) { check.update($0) } }
            #expect((check.finding == .valid) == (body == "body"))
        }
        let unchecked = SignatureCheck(key: nil, headers: { _ in nil }, now: Timestamp(milliseconds: 0))
        #expect(unchecked.finding == .unchecked)
    }

    @Test("A live receiver answers as it is told and tells what it saw")
    func live() async throws {
        var answer = Receiver.Answer()
        answer.status = 503
        answer.retryAfter = 7
        answer.body = Array(#"{"task_uid":"1"}"#.utf8)
        let seen = Lock<[ReceivedRequest]>([])
        let receiver = Receiver(
            .tcp(host: "127.0.0.1", port: 0), answer: answer,
            log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        ) { request in seen.withLock { $0.append(request) } }
        try await receiver.start()
        let type = "content-type: multipart/form-data; boundary=b"
        let got = try await RawConnection.request(
            "POST", "/upload?x=1", headers: [type, "x-name: \u{9b}\u{202e}"], body: Self.form,
            to: receiver.address)
        await receiver.stop(within: .seconds(1))
        #expect(got.status == 503)
        #expect(got.headers["retry-after"] == "7")
        #expect(got.type == "application/json")
        let request = try #require(seen.withLock { $0 }.first)
        #expect(request.path == "/upload?x=1")
        guard case .parts(let parts) = request.body else { throw RawConnection.Silence() }
        #expect(parts.count == 3)
        let text = ReceivedText.lines(request, style: .plain)
        #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || ($0.value >= 0x20 && $0.value < 0x7f) })
        #expect(text.contains("file = file \"a%22b.exe\" (application/octet-stream), 13 bytes, sha256 "))
        #expect(
            try JSON.parse(Array(ReceivedText.json(request).utf8)).pointer("/parts/1/size") == .number("13"))
    }
}
