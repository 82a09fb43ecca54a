// The courier as a whole: batches, reuse, isolation, cancelling, stopping.

import Glibc
import Mailbox
import Model
import Testing

@testable import Courier

@Suite struct CourierTests {
    @Test func hundredRequestsShareAConnection() throws {
        let receiver = ScriptedReceiver(.answering(202))
        let (courier, box) = try Courier.withBox()
        defer { courier.stop() }
        for token in 1...100 {
            courier.send([.post(receiver.url, token: UInt64(token))])
            #expect(box.take(1).first?.token == UInt64(token))
        }
        #expect(receiver.connectionCount == 1)
        #expect(receiver.requests.count == 100)
    }

    @Test func everyRequestOfABatchGetsItsOwnReply() throws {
        let receiver = ScriptedReceiver(.answering(202))
        let (courier, box) = try Courier.withBox()
        defer { courier.stop() }
        courier.send(
            (1...200).map { .post(receiver.url, .bytes([UInt8](repeating: 1, count: $0)), token: UInt64($0)) }
        )
        let replies = box.take(200)
        #expect(replies.map(\.token).sorted() == Array(1...200))
        #expect(replies.allSatisfy { $0.answer?.status == 202 })
        #expect(receiver.requests.map(\.body.count).sorted() == Array(1...200))
    }

    @Test func connectionsThatCloseAfterEachAnswerAreFine() throws {
        let receiver = ScriptedReceiver(.answeringOnce(200))
        let (courier, box) = try Courier.withBox()
        defer { courier.stop() }
        for _ in 0..<20 {
            courier.send([.post(receiver.url)])
            let reply = try #require(box.take(1).first)
            #expect(reply.answer?.status == 200, "\(reply)")
        }
        #expect(receiver.connectionCount == 20)
    }

    /// Each request but the first goes out on a connection that dies under it, and again on a fresh one.
    @Test func deadConnectionsAreReplacedForEver() throws {
        let receiver = ScriptedReceiver(
            Script { connection in
                if connection.readRequest() != nil && connection.answer(200) { _ = connection.readRequest() }
            })
        let (courier, box) = try Courier.withBox()
        defer { courier.stop() }
        for _ in 0..<20 {
            courier.send([.post(receiver.url)])
            let reply = try #require(box.take(1).first)
            #expect(reply.answer?.status == 200, "\(reply)")
        }
        #expect(receiver.requests.count == 39)
    }

    @Test func idleConnectionsAreBounded() throws {
        let (box, allSent, mostClosed) = (ReplyBox(), Gate(), Gate())
        let counts = Lock((requests: 0, closed: 0))
        let receiver = ScriptedReceiver(
            Script { connection in
                while connection.readRequest() != nil {
                    counts.withLock { counts in
                        counts.requests += 1
                        if counts.requests == 100 { allSent.open() }
                    }
                    allSent.wait()
                    connection.answer(200)
                }
                counts.withLock { counts in
                    counts.closed += 1
                    if counts.closed == 97 { mostClosed.open() }
                }
            })
        let courier = try Courier(idleConnections: 2) { box.put($0) }
        defer { courier.stop() }
        courier.send((0..<100).map { .post(receiver.url, token: $0) })
        _ = box.take(100)
        #expect(receiver.connectionCount == 100)
        // With one in use, three connections may be open; each request that ends closes one too many.
        for _ in 0..<100 {
            courier.send([.post(receiver.url)])
            _ = box.take(1)
        }
        #expect(mostClosed.wait())
        #expect(receiver.connectionCount == 100)
    }

    /// By cause, not by clock: the live ones finish while every hung one still hangs.
    @Test func hungReceiversDoNotHoldUpLiveOnes() throws {
        let receiver = ScriptedReceiver(.answering(202))
        let listeners = (0..<20).map { _ in Loopback.listen() }
        defer { for listener in listeners { close(listener.socket) } }
        let (courier, box) = try Courier.withBox()
        // Nobody accepts: the kernel completes the connection, and no answer ever comes.
        let slow = Transport(
            connectTimeout: .seconds(600), stallTimeout: .seconds(600), totalTimeout: .seconds(600))
        courier.send(
            (0..<2000).map {
                .post("http://127.0.0.1:\(listeners[$0 % 20].port)/", token: UInt64($0), transport: slow)
            })
        for round in 0..<10 {
            courier.send((0..<64).map { .post(receiver.url, token: UInt64(10_000 + round * 64 + $0)) })
            let replies = box.take(64)
            let others = replies.filter { $0.token < 10_000 || $0.answer?.status != 202 }
            #expect(others.isEmpty)
        }
        #expect(receiver.connectionCount <= 64, "idle connections of the live ones were pushed out")
        courier.stop()
        let rest = box.take(2000)
        #expect(Set(rest.map(\.token)).count == 2000)
        #expect(rest.allSatisfy { $0.failure?.kind == .cancelled })
    }

    @Test func cancelledRequestsGetTheirReply() throws {
        let gate = Gate()
        let receiver = ScriptedReceiver(.answering(200, gate: gate))
        let (courier, box) = try Courier.withBox()
        defer { courier.stop() }
        courier.send((1...4).map { .post(receiver.url, token: $0) })
        courier.cancel([2, 3, 99])
        let cancelled = box.take(2)
        #expect(Set(cancelled.map(\.token)) == [2, 3])
        #expect(cancelled.allSatisfy { $0.failure?.kind == .cancelled })
        gate.open()
        let rest = box.take(2)
        #expect(Set(rest.map(\.token)) == [1, 4])
        #expect(rest.allSatisfy { $0.answer?.status == 200 })
        courier.cancel([1, 2, 3, 4])
        courier.stop()
        #expect(box.rest().isEmpty)
    }

    @Test func cancelledAfterItWasSentSaysSo() throws {
        let seen = Gate()
        let receiver = ScriptedReceiver(
            Script { connection in
                _ = connection.readRequest()
                seen.open()
                connection.hang()
            })
        let (courier, box) = try Courier.withBox()
        defer { courier.stop() }
        courier.send([.post(receiver.url)])
        #expect(seen.wait())
        courier.cancel([1])
        #expect(
            box.take(1).first?.failure
                == ExchangeFailure(kind: .cancelled, message: "cancelled", requestSent: true))
    }

    @Test func stopAnswersAllThatIsInFlight() throws {
        let receiver = ScriptedReceiver(.hanging)
        let (courier, box) = try Courier.withBox()
        courier.send((1...50).map { .post(receiver.url, token: $0) })
        courier.stop()
        let replies = box.rest()
        #expect(Set(replies.map(\.token)) == Set(1...50))
        #expect(replies.allSatisfy { $0.failure?.kind == .cancelled })
        courier.send([.post(receiver.url, token: 51)])
        #expect(box.rest().first?.failure?.kind == .cancelled)
        courier.stop()
    }

    @Test func sendingInOnRepliesGoesOn() throws {
        let receiver = ScriptedReceiver(.answering(200))
        let count = Lock(0)
        let done = Gate()
        let courier = Lock<Courier?>(nil)
        let made = try Courier { replies in
            let total = count.withLock { count in
                count += replies.count
                return count
            }
            if total >= 500 { return done.open() }
            courier.withLock { $0 }?.send(replies.map { .post(receiver.url, token: $0.token) })
        }
        courier.withLock { $0 = made }
        made.send((1...10).map { .post(receiver.url, token: $0) })
        #expect(done.wait())
        courier.withLock { $0 = nil }
        made.stop()
        #expect(receiver.connectionCount == 10)
    }

    @Test func exchangeIsOneBlockingRequest() {
        let receiver = ScriptedReceiver(.answering(200, body: [1, 2, 3]))
        let reply = Courier.exchange(.post(receiver.url, token: 9))
        #expect(reply.token == 9)
        #expect(reply.answer?.body == [1, 2, 3])
        #expect(Courier.exchange(.post("nonsense")).failure?.kind == .request)
    }

    @Test func processIsPreparedOnce() throws {
        _ = try Courier.withBox()
        var action = sigaction()
        sigaction(SIGPIPE, nil, &action)
        #expect(unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1, "SIG_IGN")
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        #expect(limit.rlim_cur == limit.rlim_max)
    }

    @Test func libraryIsCurl() {
        #expect(Courier.version.hasPrefix("libcurl/"))
    }
}
