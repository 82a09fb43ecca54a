// Answers, honest and otherwise.

import Mailbox
import Model
import Testing

@testable import Courier

@Suite struct AnswerTests {
    private func reply(
        _ script: Script, limit: Int = 65_536, body: RequestBody = .bytes([1])
    ) throws -> Reply {
        let receiver = ScriptedReceiver(script)
        defer { receiver.stop() }
        return try Courier.reply(to: .post(receiver.url, body, answer: .memory(limit: limit)))
    }

    @Test func statusFieldsAndBodyComeBack() throws {
        let reply = try reply(.answering(201, ["X-Task:  7 \t", "x-EMPTY:"], body: Array("done".utf8)))
        let answer = try #require(reply.answer)
        #expect(answer.status == 201)
        #expect(answer.header("x-task") == "7")
        #expect(answer.header("x-empty") == "")
        #expect(answer.body == Array("done".utf8))
        #expect(!answer.truncated)
        #expect(reply.token == 1)
        #expect(reply.remoteAddress?.hasPrefix("127.0.0.1:") == true)
        #expect(reply.timings.connected > 0)
        #expect(reply.timings.total >= reply.timings.firstByte)
    }

    @Test func endlessBodyIsCutAndTheConnectionClosed() throws {
        let closed = Gate()
        let answer = try reply(
            Script { connection in
                Script.endlessBody.run(connection)
                closed.open()
            }, limit: 1000
        ).answer
        #expect(answer?.status == 200)
        #expect(answer?.truncated == true)
        #expect(answer?.body.count == 1000)
        #expect(closed.wait())
    }

    @Test func bodyAtTheLimitIsWhole() throws {
        let exact = try reply(.answering(200, body: .sample(1000)), limit: 1000).answer
        #expect(exact?.truncated == false)
        #expect(exact?.body == .sample(1000))
        #expect(try reply(.answering(200, body: [1]), limit: 0).answer?.truncated == true)
    }

    @Test(arguments: [
        "X-Flood: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", "X-Endless: aaaaaaaaa",
        "HTTP/1.1 103 Early Hints\r\n\r\n",
    ])
    func floodedHeadsAreRefused(_ line: String) throws {
        let failure = try reply(.flooding(line)).failure
        #expect(failure?.kind == .protocolError)
        #expect(failure?.requestSent == true)
    }

    @Test func interimAnswersAreSkipped() throws {
        let interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
        let answer = try reply(.saying(interim + "HTTP/1.1 202 OK\r\nA: b\r\nContent-Length: 0\r\n\r\n"))
            .answer
        #expect(answer?.status == 202)
        #expect(answer?.headers == [Header("a", "b"), Header("content-length", "0")])
    }

    @Test func redirectsAreNotFollowed() throws {
        let other = ScriptedReceiver(.answering(200))
        for status in [301, 302, 303, 307, 308] {
            let answer = try reply(.answering(status, ["Location: \(other.url)"])).answer
            #expect(answer?.status == status)
            #expect(answer?.header("location") == other.url)
        }
        #expect(other.connectionCount == 0)
    }

    @Test(arguments: [
        "hello", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 999 No\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "HTTP/3.0 200 OK\r\n\r\n",
        "HTTP/1.1 101 Switch\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
    ])
    func whatIsNotHTTPIsRefused(_ text: String) throws {
        let failure = try reply(.saying(text)).failure
        #expect(failure?.kind == .protocolError, "\(failure?.message ?? "an answer")")
        #expect(failure?.requestSent == true)
    }

    @Test(arguments: ["", "HTTP/1.1 20", "HTTP/1.1 200 OK\r\nContent-Le"])
    func headCutShortIsAnInterruption(_ text: String) throws {
        let failure = try reply(.saying(text)).failure
        #expect(failure?.kind == .interrupted, "\(failure?.message ?? "an answer")")
        #expect(failure?.requestSent == true)
    }

    @Test func shorterThanAnnouncedIsALie() throws {
        let failure = try reply(.lying(announced: 100, body: .sample(50), thenCloses: true)).failure
        #expect(failure?.kind == .protocolError)
        #expect(failure?.requestSent == true)
    }

    @Test func longerThanAnnouncedIsCutAndNotTakenForTheNextAnswer() throws {
        let smuggled = Array("okHTTP/1.1 500 Smuggled\r\nContent-Length: 0\r\n\r\n".utf8)
        let receiver = ScriptedReceiver(.lying(announced: 2, body: smuggled, thenCloses: false))
        let (courier, box) = try Courier.withBox()
        defer { courier.stop() }
        for _ in 0..<5 {
            courier.send([.post(receiver.url)])
            let answer = box.take(1).first?.answer
            #expect(answer?.status == 200)
            #expect(answer?.body == Array("ok".utf8))
        }
    }

    @Test func compressedBodiesAreLeftAlone() throws {
        let answer = try reply(.answering(200, ["Content-Encoding: gzip"], body: [0x1f, 0x8b, 8, 0])).answer
        #expect(answer?.body == [0x1f, 0x8b, 8, 0])
    }

    @Test func chunksAreJoinedAndTrailersDropped() throws {
        let text =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nT: x\r\n\r\n"
        let answer = try reply(.saying(text)).answer
        #expect(answer?.body == Array("abcde".utf8))
        #expect(answer?.header("t") == nil)
    }

    @Test func slowAnswerIsWaitedForWhileBytesCome() throws {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nslow"
        let reply = try reply(.dripping(answer, next: {}))
        #expect(reply.answer?.body == Array("slow".utf8))
    }

    /// A receiver that refuses a large upload answers while we send, and closes, which resets the connection.
    @Test(arguments: [413, 401, 200])
    func earlyAnswerIsNotLostWhenTheConnectionBreaks(_ status: Int) throws {
        let folder = TemporaryFolder()
        let sample = [UInt8].sample(20_000_000)
        let file = FileContent(path: folder.write("s", sample), size: 20_000_000, sha256: sample.sha256)
        for body in [RequestBody.file(file), .bytes(sample)] {
            let reply = try reply(.refusingEarly(status, body: Array("too large".utf8)), body: body)
            #expect(reply.answer?.status == status, "\(reply)")
            #expect(reply.answer?.body == Array("too large".utf8))
        }
    }

    @Test func leftoverBytesAreReadWithCare() {
        func parse(_ text: String, _ limit: Int = 10) -> Answer? {
            EarlyAnswer.parse(Array(text.utf8), bodyLimit: limit)
        }
        let whole = parse(
            "HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 413 Too Large\r\nA: b\r\nContent-Length: 2\r\n\r\nno")
        #expect(
            whole
                == Answer(
                    status: 413, headers: [Header("a", "b"), Header("content-length", "2")],
                    body: Array("no".utf8)))
        #expect(parse("HTTP/1.1 413 Too Large\r\nContent-Length: 20\r\n\r\nno")?.truncated == true)
        #expect(parse("HTTP/1.1 413 Too Large\r\nContent-Length: 5\r\n\r\nabcde", 2)?.body.count == 2)
        #expect(parse("HTTP/1.1 413 Too Large\r\nContent-Length: -1\r\n\r\nabcde")?.body == [])
        for text in [
            "", "HTTP/1.1 413 Too", "HTTP/1.1 413 Too Large\r\n", "garbage\r\n\r\n", "HTTP/1.1 9x9 A\r\n\r\n",
            "HTTP/1.1 999 A\r\n\r\n", "HTTP/1.1 100 Go\r\n\r\n",
        ] {
            #expect(parse(text) == nil)
        }
    }
}
