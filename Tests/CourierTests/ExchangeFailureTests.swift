// Each way in which there is no answer, and whether the receiver may have acted on the request.

import Glibc
import Mailbox
import Model
import Testing

@testable import Courier

@Suite struct ExchangeFailureTests {
    private func failure(
        _ script: Script, _ body: RequestBody = .bytes([1]), _ transport: Transport = Transport()
    ) throws -> ExchangeFailure {
        let receiver = ScriptedReceiver(script)
        defer { receiver.stop() }
        return try #require(try Courier.reply(to: .post(receiver.url, body, transport: transport)).failure)
    }

    @Test func refusedConnection() throws {
        let (listener, port) = Loopback.listen()
        close(listener)
        let reply = try Courier.reply(to: .post("http://127.0.0.1:\(port)/"))
        #expect(reply.failure?.kind == .connect)
        #expect(reply.failure?.message.contains("Connection refused") == true)
        #expect(reply.failure?.requestSent == false)
        #expect(reply.remoteAddress == nil)
    }

    @Test func unresolvableName() throws {
        // A label of 64 characters is refused by the resolver without asking anyone.
        let name = String(repeating: "a", count: 64)
        let failure = try #require(try Courier.reply(to: .post("http://\(name)/")).failure)
        #expect(failure.kind == .resolve)
        #expect(!failure.requestSent)
    }

    @Test func resetAfterTheRequest() throws {
        let failure = try failure(.resettingAfterRequest)
        #expect(failure.kind == .interrupted)
        #expect(failure.requestSent)
    }

    @Test func closeAfterTheRequest() throws {
        let failure = try failure(.saying(""))
        #expect(failure.kind == .interrupted)
        #expect(failure.requestSent)
    }

    @Test func resetInTheMiddleOfTheRequest() throws {
        let body = RequestBody.bytes(.sample(30_000_000))
        let failure = try failure(
            Script { connection in
                _ = connection.readHead()
                _ = connection.discard(1000)
                connection.reset()
            }, body)
        #expect(failure.kind == .interrupted)
        #expect(!failure.requestSent)
    }

    @Test func resetInTheMiddleOfTheAnswer() throws {
        let failure = try failure(
            Script { connection in
                _ = connection.readRequest()
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab")
                connection.reset()
            })
        #expect(failure.kind == .interrupted || failure.kind == .protocolError)
        #expect(failure.requestSent)
    }

    @Test(arguments: [RequestBody.none, .bytes([1]), .bytes(.sample(100_000))])
    func silenceAfterTheRequestIsAStall(_ body: RequestBody) throws {
        let failure = try failure(.hanging, body, Transport(stallTimeout: .milliseconds(200)))
        #expect(failure.kind == .timeout)
        #expect(failure.requestSent)
        #expect(failure.message.contains("200 ms"))
    }

    @Test func receiverThatDoesNotReadIsAStall() throws {
        let over = Gate()
        let receiver = ScriptedReceiver(
            Script { connection in
                _ = connection.readHead()
                over.wait()
            })
        let transport = Transport(stallTimeout: .milliseconds(300))
        let reply = try Courier.reply(
            to: .post(receiver.url, .bytes(.sample(30_000_000)), transport: transport))
        over.open()
        let failure = try #require(reply.failure)
        #expect(failure.kind == .timeout)
        #expect(!failure.requestSent)
    }

    /// The stall timeout is for silence, not for the whole: every byte starts it again, in a header line too.
    @Test func movingBytesPutTheStallOff() throws {
        let head = "HTTP/1.1 200 OK\r\nX-Slow: one long line of the head\r\nContent-Length: 4\r\n\r\n"
        let receiver = ScriptedReceiver(.dripping(head + "slow", next: { Gate().wait(milliseconds: 40) }))
        let reply = try Courier.reply(
            to: .post(receiver.url, transport: Transport(stallTimeout: .milliseconds(800))))
        #expect(reply.answer?.body == Array("slow".utf8))
        #expect(reply.timings.total > 2_000_000)
    }

    @Test func totalTimeoutHoldsWhileBytesCome() throws {
        let failure = try failure(
            .dripping(
                String(repeating: "HTTP/1.1 100 Go\r\n\r\n", count: 1000),
                next: { Gate().wait(milliseconds: 5) }),
            .bytes([1]), Transport(totalTimeout: .milliseconds(300)))
        #expect(failure.kind == .timeout)
        #expect(failure.requestSent)
    }

    @Test func connectTimeout() throws {
        // A full backlog drops SYNs: nobody ever answers the connection.
        let (listener, port) = Loopback.listen(backlog: 0)
        let fillers = (0..<8).map { _ in Loopback.connect(port: port) }
        defer { for socket in fillers + [listener] { close(socket) } }
        let reply = try Courier.reply(
            to: .post("http://127.0.0.1:\(port)/", transport: Transport(connectTimeout: .milliseconds(200))))
        #expect(reply.failure?.kind == .timeout)
        #expect(reply.failure?.requestSent == false)
    }

    @Test func unreadableCertificateFiles() throws {
        let receiver = ScriptedReceiver(.answering(200))
        for transport in [
            Transport(certificateAuthorities: "/none/ca.pem"),
            Transport(clientCertificate: "/none/cert.pem", clientKey: "/none/key.pem"),
        ] {
            let failure = try Courier.reply(to: .post(receiver.url, transport: transport)).failure
            #expect(failure?.kind == .request)
            #expect(failure?.message.contains("/none/") == true)
        }
    }

    @Test func resetAtOnceIsNoAnswer() throws {
        let failure = try failure(.resettingAtOnce)
        #expect(failure.kind == .interrupted || failure.kind == .connect)
    }
}
