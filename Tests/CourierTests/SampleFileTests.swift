// Samples on disk that are not what the event promises: the receiver must never get a whole request.

import Glibc
import Mailbox
import Model
import Testing

@testable import Courier

@Suite struct SampleFileTests {
    let folder = TemporaryFolder()

    /// What a receiver that reads everything gets: announced and received body bytes.
    private func send(_ content: FileContent, multipart: Bool) throws -> (Reply, ReceivedRequest?) {
        let seen = Gate()
        let receiver = ScriptedReceiver(
            Script { connection in
                if let request = connection.readRequest(), request.isComplete { connection.answer(200) }
                seen.open()
            })
        let part = Part(name: "file", content: .file(content), filename: "f")
        let reply = try Courier.reply(
            to: .post(receiver.url, multipart ? .multipart([part]) : .file(content)))
        if receiver.connectionCount > 0 { #expect(seen.wait()) }
        return (reply, receiver.requests.first)
    }

    @Test(arguments: [1, 2, 65_536, 524_288, 524_289, 3_000_000], [false, true])
    func wrongHashIsNeverSentWhole(_ size: Int, _ multipart: Bool) throws {
        let content = FileContent(
            path: folder.write("s", .sample(size)), size: Int64(size), sha256: [UInt8]([1]).sha256)
        let (reply, request) = try send(content, multipart: multipart)
        #expect(reply.failure?.kind == .contentDamaged)
        #expect(reply.failure?.requestSent == false)
        #expect(request.map { $0.isComplete } != true)
    }

    @Test(arguments: [1, 524_288, 3_000_000])
    func rightHashIsSentWhole(_ size: Int) throws {
        let sample = [UInt8].sample(size)
        let content = FileContent(path: folder.write("s", sample), size: Int64(size), sha256: sample.sha256)
        let (reply, request) = try send(content, multipart: false)
        #expect(reply.answer?.status == 200)
        #expect(request?.body == sample)
    }

    @Test func emptyFileOfAnotherHashIsRefused() throws {
        let content = FileContent(path: folder.write("s", []), size: 0, sha256: [UInt8]([1]).sha256)
        #expect(try send(content, multipart: false).0.failure?.kind == .contentDamaged)
    }

    @Test func unknownSizeAndHashAreTakenFromTheFile() throws {
        let content = FileContent(path: folder.write("s", [1, 2, 3]), size: nil, sha256: nil)
        #expect(try send(content, multipart: false).1?.body == [1, 2, 3])
    }

    @Test func missingLinkedSpecialAndResizedFilesAreRefused() throws {
        let real = folder.write("real", [1, 2, 3])
        symlink(real, folder.path + "/link")
        mkfifo(folder.path + "/fifo", 0o600)
        for (name, size) in [
            ("none", nil), ("link", nil), ("fifo", nil), ("", nil), ("real", 2), ("real", 4),
        ] {
            let content = FileContent(
                path: folder.path + "/" + name, size: size.map { Int64($0) }, sha256: nil)
            let (reply, request) = try send(content, multipart: true)
            #expect(reply.failure?.kind == .contentDamaged, "\(name)")
            #expect(reply.failure?.message.contains(folder.path) == true)
            #expect(request == nil)
        }
    }

    /// MWDB truncates and rewrites the same inode when a sample is uploaded again.
    @Test(arguments: [true, false])
    func fileThatChangesWhileItIsSentIsNotSentWhole(_ truncated: Bool) throws {
        let size = 64_000_000
        let path = folder.write("s", [])
        truncate(path, size)
        let (headSeen, changed) = (Gate(), Gate())
        let received = Lock(0)
        let receiver = ScriptedReceiver(
            Script { connection in
                guard let request = connection.readHead() else { return }
                headSeen.open()
                changed.wait()
                let count = connection.discard(request.contentLength)
                received.withLock { $0 = count }
            })
        let (courier, box) = try Courier.withBox()
        defer { courier.stop() }
        let content = FileContent(path: path, size: Int64(size), sha256: [UInt8]().sha256)
        courier.send([.post(receiver.url, .file(content))])
        #expect(headSeen.wait())
        truncate(path, truncated ? 1 : size + 1)
        changed.open()
        let failure = try #require(box.take(1).first?.failure)
        #expect(failure.kind == .contentDamaged)
        #expect(failure.requestSent == false)
        receiver.stop()
        #expect(received.withLock { $0 } < size)
    }

    /// libcurl sends a request again when a kept-alive connection was closed; the file starts again too.
    @Test func fileIsSentAgainOnAFreshConnection() throws {
        let sample = [UInt8].sample(10_000)
        let file = FileContent(path: folder.write("s", sample), size: 10_000, sha256: sample.sha256)
        let receiver = ScriptedReceiver(
            Script { connection in
                if connection.number > 1 { return Script.answering(201).run(connection) }
                guard connection.readRequest() != nil, connection.answer(200) else { return }
                _ = connection.readRequest()
            })
        let (courier, box) = try Courier.withBox()
        defer { courier.stop() }
        courier.send([.post(receiver.url)])
        #expect(box.take(1).first?.answer?.status == 200)
        courier.send([.post(receiver.url, .file(file))])
        #expect(box.take(1).first?.answer?.status == 201)
        #expect(receiver.requests.map(\.body.count) == [2, 10_000, 10_000])
        #expect(receiver.requests.last?.body == sample)
    }

    @Test func noRequestIsRepeatedWithoutConnectionReuse() throws {
        let receiver = ScriptedReceiver(
            Script { connection in
                guard connection.readRequest() != nil, connection.number == 1 else { return }
                connection.answer(200)
                _ = connection.readRequest()
            })
        let (courier, box) = try Courier.withBox()
        defer { courier.stop() }
        let transport = Transport(reusesConnections: false)
        courier.send([.post(receiver.url, transport: transport)])
        #expect(box.take(1).first?.answer?.status == 200)
        courier.send([.post(receiver.url, transport: transport)])
        let failure = try #require(box.take(1).first?.failure)
        #expect(failure.kind == .interrupted)
        #expect(failure.requestSent)
        #expect(receiver.requests.count == 2)
    }
}
