// Forms: what a strict receiver finds in them.

import Model
import Testing

@testable import Courier

@Suite struct MultipartTests {
    let receiver = ScriptedReceiver(.answering(200))
    let folder = TemporaryFolder()

    /// The request's form as text, its boundary replaced by `B`.
    private func form(_ parts: [Part]) throws -> (text: String, request: ReceivedRequest) {
        let reply = try Courier.reply(
            to: .post(receiver.url, .multipart(parts), headers: [Header("Content-Type", "text/plain")]))
        #expect(reply.answer?.status == 200)
        let request = try #require(receiver.requests.first)
        let type = try #require(request.header("content-type"))
        let boundary = type.split(separator: "boundary=")[1]
        return (
            String(decoding: request.body, as: UTF8.self).split(separator: boundary).joined(separator: "B"),
            request
        )
    }

    @Test func partsComeInTheGivenOrderAndForm() throws {
        let sample = [UInt8]("MZ sample".utf8)
        let file = FileContent(path: folder.write("s", sample), size: 9, sha256: sample.sha256)
        let (text, request) = try form([
            Part(name: "timeout", content: .bytes(Array("600".utf8))),
            Part(
                name: "file", content: .file(file), filename: "évil %22 ;.exe",
                contentType: "application/octet-stream"),
            Part(name: "last", content: .bytes([])),
        ])
        #expect(
            text == """
                --B\r
                Content-Disposition: form-data; name="timeout"\r
                \r
                600\r
                --B\r
                Content-Disposition: form-data; name="file"; filename="évil %22 ;.exe"\r
                Content-Type: application/octet-stream\r
                \r
                MZ sample\r
                --B\r
                Content-Disposition: form-data; name="last"\r
                \r
                \r
                --B--\r

                """)
        #expect(!text.contains("filename*"))
        #expect(request.header("content-length") == "\(request.body.count)")
        #expect(request.header("transfer-encoding") == nil)
        #expect(request.header("expect") == nil)
        #expect(request.headers.filter { $0.name == "content-type" }.count == 1)
    }

    @Test func eachRequestHasItsOwnBoundary() {
        let boundaries = (0..<100).map { _ in MultipartForm.randomBoundary() }
        #expect(Set(boundaries).count == 100)
        #expect(boundaries.allSatisfy { $0.count <= 70 })
    }

    @Test func largeFileArrivesWhole() throws {
        let sample = [UInt8].sample(5_000_001)
        let file = FileContent(path: folder.write("s", sample), size: 5_000_001, sha256: sample.sha256)
        let reply = try Courier.reply(
            to: .post(receiver.url, .multipart([Part(name: "f", content: .file(file), filename: "f")])))
        #expect(reply.answer?.status == 200)
        #expect(receiver.requests.first?.body.index(of: sample) != nil)
    }

    @Test func severalFilesAndAnEmptyOne() throws {
        let first = FileContent(path: folder.write("1", [1]), size: 1, sha256: [UInt8]([1]).sha256)
        let empty = FileContent(path: folder.write("2", []), size: 0, sha256: [UInt8]().sha256)
        let (text, _) = try form([
            Part(name: "a", content: .file(first), filename: "1"),
            Part(name: "b", content: .file(empty), filename: "2"),
        ])
        #expect(text.contains("filename=\"2\"\r\n\r\n\r\n--B--\r\n"))
        #expect(text.contains("filename=\"1\"\r\n\r\n\u{1}\r\n--B\r\n"))
    }

    @Test(arguments: ["a\"b", "a\r\nb", "a\0"])
    func namesThatBreakOutAreRefused(_ name: String) throws {
        for part in [
            Part(name: name, content: .bytes([])), Part(name: "a", content: .bytes([]), filename: name),
        ] {
            let reply = try Courier.reply(to: .post(receiver.url, .multipart([part])))
            #expect(reply.failure?.kind == .request)
        }
        #expect(receiver.connectionCount == 0)
    }
}
