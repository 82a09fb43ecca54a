// Signatures over bodies that have to be read for it: what arrives is what was signed.

import Model
import Testing

@testable import Courier

@Suite struct SigningTests {
    let receiver = ScriptedReceiver(.answering(200))
    let folder = TemporaryFolder()
    let moment = Timestamp(milliseconds: 1_800_000_000_999)

    private func secret(_ byte: UInt8) throws -> SigningSecret {
        try SigningSecret(parsing: Base64.encode([UInt8](repeating: byte, count: 32)))
    }

    private func signed(
        _ body: RequestBody, by secrets: [SigningSecret], token: UInt64 = 1
    ) -> Request {
        var request = Request.post(receiver.url, body, token: token, headers: [Header("webhook-id", "e-1")])
        request.signing = Signing(id: "e-1", timestamp: moment, secrets: secrets)
        return request
    }

    private func file(_ bytes: [UInt8], name: String = "s", sha256: String? = nil) -> FileContent {
        FileContent(
            path: folder.write(name, bytes), size: Int64(bytes.count), sha256: sha256 ?? bytes.sha256)
    }

    /// The header that a receiver makes of what it received.
    private func expected(_ request: ReceivedRequest, _ secrets: [SigningSecret]) -> String? {
        try? Signature.header(id: "e-1", timestamp: moment, body: request.body, secrets: secrets)
    }

    @Test func everyByteOfAFormIsSigned() throws {
        let secrets = [try secret(1), try secret(2)]
        let sample = [UInt8].sample(1_234_567)
        let parts = [
            Part(name: "timeout", content: .bytes(Array("600".utf8))),
            Part(name: "file", content: .file(file(sample)), filename: "x.exe"),
        ]
        let reply = try Courier.reply(to: signed(.multipart(parts), by: secrets))
        #expect(reply.answer?.status == 200)
        let request = try #require(receiver.requests.first)
        #expect(request.body.index(of: sample) != nil)
        #expect(request.header("webhook-signature") == expected(request, secrets))
    }

    @Test(arguments: [0, 1, 3_000_000]) func aFileAsTheBodyIsSigned(_ size: Int) throws {
        let secrets = [try secret(3)]
        let sample = [UInt8].sample(size)
        let reply = try Courier.reply(to: signed(.file(file(sample)), by: secrets))
        #expect(reply.answer?.status == 200)
        let request = try #require(receiver.requests.first)
        #expect(request.body == sample)
        #expect(request.header("webhook-signature") == expected(request, secrets))
    }

    @Test func aFormWithoutAFileIsSignedToo() throws {
        let secrets = [try secret(4)]
        _ = try Courier.reply(
            to: signed(.multipart([Part(name: "a", content: .bytes([9]))]), by: secrets))
        let request = try #require(receiver.requests.first)
        #expect(request.header("webhook-signature") == expected(request, secrets))
    }

    @Test func commandsSignToo() throws {
        let secrets = [try secret(5)]
        let reply = Courier.exchange(signed(.file(file([1, 2, 3])), by: secrets))
        #expect(reply.answer?.status == 200)
        let request = try #require(receiver.requests.first)
        #expect(request.header("webhook-signature") == expected(request, secrets))
    }

    @Test func aSampleThatIsNotWhatItShouldBeIsNotSent() throws {
        let damaged = file([1, 2, 3], sha256: [UInt8]([4]).sha256)
        let reply = try Courier.reply(to: signed(.file(damaged), by: [try secret(6)]))
        #expect(reply.failure?.kind == .contentDamaged)
        #expect(receiver.requests.isEmpty && receiver.connectionCount == 0)
    }

    /// What is still to be signed is answered like what is in flight: once, as cancelled.
    @Test func cancelAndStopReachWhatIsBeingSigned() throws {
        let secrets = [try secret(7)]
        let hanging = ScriptedReceiver(.hanging)
        let (courier, box) = try Courier.withBox()
        let sample = file([UInt8].sample(2_000_000))
        let requests = (UInt64(1)...50).map { token in
            var request = signed(.file(sample), by: secrets, token: token)
            request.url = hanging.url
            return request
        }
        courier.send(requests)
        courier.cancel([50, 49])
        #expect(Set(box.take(2).map(\.token)) == [49, 50])
        courier.stop()
        let replies = box.rest()
        #expect(replies.map(\.token).sorted() == Array(1...48))
        #expect(replies.allSatisfy { $0.failure?.kind == .cancelled })
    }
}
