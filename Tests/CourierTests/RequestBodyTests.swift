// What goes over the wire for each kind of body.

import Model
import Testing

@testable import Courier

@Suite struct RequestBodyTests {
    let receiver = ScriptedReceiver(.answering(202))

    private func received(_ request: Request) throws -> ReceivedRequest {
        let reply = try Courier.reply(to: request)
        #expect(reply.answer?.status == 202)
        return try #require(receiver.requests.first)
    }

    @Test func smallBodyIsSentAsItIs() throws {
        let body: [UInt8] = [0, 1, 2, 0x0d, 0x0a, 0xff, 0]
        let request = try received(
            .post(receiver.url + "a/../b?x=%20", .bytes(body), headers: [Header("Content-Type", "a/b")]))
        #expect(request.method == "POST")
        #expect(request.target == "/a/../b?x=%20")
        #expect(request.body == body)
        #expect(request.header("content-type") == "a/b")
        #expect(request.header("expect") == nil)
    }

    @Test func largeBodyHasALengthAndNoExpect() throws {
        let body = [UInt8].sample(3_000_000)
        let request = try received(.post(receiver.url, .bytes(body)))
        #expect(request.header("content-length") == "3000000")
        #expect(request.header("transfer-encoding") == nil)
        #expect(request.header("expect") == nil)
        #expect(request.body == body)
    }

    @Test(arguments: [0, 1, 4095, 4096, 65_535, 65_536, 65_537])
    func bodiesAroundTheInlineLimitArrive(_ count: Int) throws {
        let body = [UInt8].sample(count)
        #expect(try received(.post(receiver.url, .bytes(body))).body == body)
    }

    @Test(arguments: ["POST", "PUT", "PATCH"])
    func noBodyIsAnnouncedAsEmpty(_ method: String) throws {
        let request = try received(
            Request(token: 1, method: method, url: receiver.url, transport: Transport()))
        #expect(request.method == method)
        #expect(request.header("content-length") == "0")
        #expect(request.header("content-type") == nil)
    }

    @Test(arguments: ["GET", "DELETE", "HEAD", "OPTIONS"])
    func methodsWithoutBodySendNone(_ method: String) throws {
        let request = try received(
            Request(token: 1, method: method, url: receiver.url, transport: Transport()))
        #expect(request.method == method)
        #expect(request.header("content-length") == nil)
    }

    @Test func headerFieldsAreSentInOrderAndEmptyOnesToo() throws {
        let request = try received(
            .post(
                receiver.url,
                headers: [
                    Header("X-One", "1"), Header("X-Empty", ""), Header("X-Two", "a;b: c"),
                    Header("x-utf", "é€"),
                ]))
        let own = request.headers.filter { $0.name.hasPrefix("x-") }
        #expect(own.map(\.name) == ["x-one", "x-empty", "x-two", "x-utf"])
        #expect(own.map(\.value) == ["1", "", "a;b: c", "é€"])
    }

    @Test(arguments: ["a\r\nX-Evil: 1", "a\nb", "a\0b", "a\u{7f}"])
    func controlCharactersInAFieldAreRefused(_ value: String) throws {
        let reply = try Courier.reply(to: .post(receiver.url, headers: [Header("X-A", value)]))
        #expect(reply.failure?.kind == .request)
        #expect(receiver.connectionCount == 0)
    }

    @Test func framingFieldsAreTheCouriers() throws {
        let request = try received(
            .post(
                receiver.url, .bytes([1, 2, 3]),
                headers: [
                    Header("Content-Length", "99"), Header("Transfer-Encoding", "chunked"),
                    Header("Expect", "100-continue"),
                ]))
        #expect(request.header("content-length") == "3")
        #expect(request.header("transfer-encoding") == nil)
        #expect(request.header("expect") == nil)
    }

    @Test func handlesAreUsedAgainForAnythingElse() throws {
        let (courier, box) = try Courier.withBox()
        defer { courier.stop() }
        let folder = TemporaryFolder()
        let file = FileContent(path: folder.write("f", [7, 8]), size: 2, sha256: [UInt8]([7, 8]).sha256)
        let bodies: [(String, RequestBody)] = [
            ("POST", .bytes([1])), ("GET", .none), ("PUT", .file(file)), ("POST", .bytes([])),
            ("HEAD", .none),
            ("POST", .multipart([Part(name: "a", content: .bytes([9]))])), ("DELETE", .none),
            ("POST", .bytes(.sample(100_000))), ("POST", .bytes([2, 3])), ("GET", .none),
        ]
        for (method, body) in bodies {
            courier.send([
                Request(token: 1, method: method, url: receiver.url, body: body, transport: Transport())
            ])
            #expect(box.take(1).first?.answer?.status == 202)
        }
        let requests = receiver.requests
        #expect(requests.map(\.method) == bodies.map(\.0))
        #expect(requests.map(\.body.count)[0..<5] == [1, 0, 2, 0, 0])
        #expect(requests.map(\.body.count)[6...] == [0, 100_000, 2, 0])
        #expect(receiver.connectionCount == 1)
    }

    @Test(arguments: [
        "ftp://127.0.0.1/", "127.0.0.1", "http://127.0.0.1/a b", "http://127.0.0.1/\r\nX: y",
        "http://[::1/", "http://127.0.0.1:99999/", "file:///etc/passwd", "",
    ])
    func malformedAddressesAreRefused(_ url: String) throws {
        let reply = try Courier.reply(to: .post(url))
        #expect(reply.failure?.kind == .request)
        #expect(reply.failure?.requestSent == false)
    }

    @Test func malformedMethodIsRefused() throws {
        let request = Request(
            token: 1, method: "GET /x HTTP/1.1\r\nA:", url: receiver.url, transport: Transport())
        #expect(try Courier.reply(to: request).failure?.kind == .request)
    }
}
