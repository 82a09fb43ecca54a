// Answers that go to a file: samples fetched from MWDB.

import Glibc
import Model
import Testing

@testable import Courier

@Suite struct FetchTests {
    let folder = TemporaryFolder()
    let sample = [UInt8].sample(1_000_000)

    private func fetch(
        _ script: Script, sha256: String? = nil, limit: Int64 = 2_000_000, name: String = "out"
    ) throws -> Reply {
        let receiver = ScriptedReceiver(script)
        defer { receiver.stop() }
        let sink = AnswerSink.file(
            path: folder.path + "/" + name, sha256: sha256 ?? sample.sha256, limit: limit)
        return try Courier.reply(
            to: Request(token: 1, method: "GET", url: receiver.url, answer: sink, transport: Transport()))
    }

    @Test func fileIsWrittenForItsOwnerOnly() throws {
        let reply = try fetch(.answering(200, ["X: y"], body: sample))
        #expect(reply.answer?.status == 200)
        #expect(reply.answer?.body == [])
        #expect(reply.answer?.header("x") == "y")
        #expect(folder.read("out") == sample)
        var status = stat()
        #expect(stat(folder.path + "/out", &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
    }

    @Test func emptyFileIsAFileToo() throws {
        #expect(try fetch(.answering(200), sha256: [UInt8]().sha256).answer?.status == 200)
        #expect(folder.read("out") == [])
    }

    @Test func otherBytesLeaveNoFile() throws {
        #expect(
            try fetch(.answering(200, body: sample), sha256: [UInt8]([1]).sha256).failure?.kind
                == .contentDamaged)
        #expect(try fetch(.answering(200, body: sample), limit: 999_999).failure?.kind == .contentDamaged)
        #expect(
            try fetch(.lying(announced: 2_000_000, body: sample, thenCloses: true)).failure?.kind
                == .protocolError)
        #expect(try fetch(.endlessBody).failure?.kind == .contentDamaged)
        #expect(folder.read("out") == nil)
    }

    @Test func otherStatusesAreKeptInMemory() throws {
        let answer = try fetch(.answering(404, body: Array("gone".utf8))).answer
        #expect(answer?.status == 404)
        #expect(answer?.body == Array("gone".utf8))
        #expect(try fetch(.answering(500, body: sample)).answer?.body.count == 65_536)
        #expect(folder.read("out") == nil)
    }

    @Test func existingFileOrLinkIsNotTouched() throws {
        _ = folder.write("out", [1, 2, 3])
        #expect(try fetch(.answering(200, body: sample)).failure?.kind == .local)
        #expect(folder.read("out") == [1, 2, 3])
        symlink(folder.path + "/elsewhere", folder.path + "/link")
        #expect(try fetch(.answering(200, body: sample), name: "link").failure?.kind == .local)
        #expect(folder.read("elsewhere") == nil)
    }

    @Test func cancelledFetchLeavesNoFile() throws {
        let (halfSent, gate) = (Gate(), Gate())
        let receiver = ScriptedReceiver(
            Script { [sample] connection in
                _ = connection.readRequest()
                connection.send(
                    Array("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n".utf8) + sample[..<10])
                halfSent.open()
                gate.wait()
            })
        let (courier, box) = try Courier.withBox()
        let sink = AnswerSink.file(path: folder.path + "/out", sha256: sample.sha256, limit: 2_000_000)
        courier.send([
            Request(token: 1, method: "GET", url: receiver.url, answer: sink, transport: Transport())
        ])
        #expect(halfSent.wait())
        courier.stop()
        gate.open()
        #expect(box.take(1).first?.failure?.kind == .cancelled)
        #expect(folder.read("out") == nil)
    }

    @Test func exchangeWritesFilesToo() throws {
        let receiver = ScriptedReceiver(.answering(200, body: sample))
        let sink = AnswerSink.file(path: folder.path + "/out", sha256: sample.sha256, limit: 2_000_000)
        let reply = Courier.exchange(
            Request(token: 1, method: "GET", url: receiver.url, answer: sink, transport: Transport()))
        #expect(reply.answer?.status == 200)
        #expect(folder.read("out") == sample)
    }
}
