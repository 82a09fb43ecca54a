// The end of the server: running requests are answered, hanging ones do not keep it.

import Glibc
import Logging
import Model
import Settings
import Testing

@testable import Web

@Suite("Stopping", .timeLimit(.minutes(1)))
struct StopTests {
    private let log = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    @Test("A request under way is answered before the connection closes")
    func underWay() async throws {
        let (arrived, arrive) = AsyncStream<Void>.makeStream()
        let (go, release) = AsyncStream<Void>.makeStream()
        let listener = HTTPListener(.tcp(host: "127.0.0.1", port: 0), log: log) { _, _ in
            arrive.yield()
            for await _ in go { break }
            return .text("late")
        }
        try await listener.start()
        let address = listener.address
        async let answer = RawConnection.request("GET", "/", to: address)
        for await _ in arrived { break }
        async let stopped: Void = listener.stop(within: .minutes(1))
        release.yield()
        #expect(try await answer.text == "late\n")
        await stopped
        await #expect(throws: RawConnection.Silence.self) {
            try await RawConnection.request("GET", "/", to: address)
        }
    }

    @Test("A body that never ends does not keep the server")
    func hanging() async throws {
        let (arrived, arrive) = AsyncStream<Void>.makeStream()
        let listener = HTTPListener(.tcp(host: "127.0.0.1", port: 0), log: log) { _, body in
            arrive.yield()
            _ = try? await body.collect(upTo: 1000)
            return .text("never")
        }
        try await listener.start()
        let head = Array("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nx".utf8)
        let address = listener.address
        async let answers = RawConnection.send([head], to: address)
        for await _ in arrived { break }
        await listener.stop(within: .milliseconds(1))
        #expect(await answers.allSatisfy { $0.status == 400 })
    }

    @Test("A head that never ends, and a connection without a request, are closed")
    func idle() async throws {
        var limits = HTTPListener.Limits()
        limits.idle = .milliseconds(20)
        let listener = HTTPListener(.tcp(host: "127.0.0.1", port: 0), limits: limits, log: log) { _, _ in
            .text("x")
        }
        try await listener.start()
        // Both end because the server closes: the client would wait for 20 s.
        let answers = await RawConnection.send([Array("GET / HTTP/1.1\r\nhost:".utf8)], to: listener.address)
        #expect(answers.isEmpty)
        await #expect(RawConnection.send([], to: listener.address).isEmpty)
        await listener.stop(within: .seconds(1))
    }

    @Test("A drip of bytes is too slow, a large body over a slow line is not")
    func drip() {
        #expect(BodyReader.isFastEnough(1, in: .seconds(29)))
        #expect(!BodyReader.isFastEnough(1, in: .seconds(30)))
        #expect(BodyReader.isFastEnough(64 << 20, in: .seconds(600)))
        #expect(!BodyReader.isFastEnough(64 << 20, in: .seconds(1200)))
    }

    @Test("Stopping what never started, or twice, is nothing")
    func twice() async throws {
        let listener = HTTPListener(.tcp(host: "127.0.0.1", port: 0), log: log) { _, _ in .text("x") }
        await listener.stop(within: .seconds(1))
        try await listener.start()
        await listener.stop(within: .seconds(1))
        await listener.stop(within: .seconds(1))
    }
}
