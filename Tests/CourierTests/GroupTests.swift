// Requests of a group: within its limit, one after the other, halted by a reply that is no success, and back whole
// when they are wanted back.

import Mailbox
import Model
import Testing

@testable import Courier

struct GroupTests {
    private func request(_ token: UInt64) -> Request {
        Request(token: token, url: "http://127.0.0.1:9/", transport: Transport())
    }

    @Test func noMoreThanTheLimitAreUnderWayAndTheNextStartsWhenOneEnds() {
        var group = RequestGroup()
        for token in 1...3 { group.add(request(UInt64(token))) }
        #expect(group.next() == nil, "without a limit nothing starts")
        group.allow(2)
        #expect(group.next()?.token == 1)
        #expect(group.next()?.token == 2)
        #expect(group.next() == nil)
        group.ended(isSuccess: true)
        #expect(group.next()?.token == 3)
    }

    @Test func afterAFailureNothingStartsUntilTheSenderHasSpoken() {
        var group = RequestGroup()
        group.allow(2)
        for token in 1...3 { group.add(request(UInt64(token))) }
        _ = group.next()
        group.ended(isSuccess: false)
        #expect(group.next() == nil)
        group.allow(1)
        #expect(group.next()?.token == 2)
        #expect(group.next() == nil)
    }

    @Test func whatWaitsComesBackAndWhatIsUnderWayStays() {
        var group = RequestGroup()
        group.allow(1)
        for token in 1...4 { group.add(request(UInt64(token))) }
        _ = group.next()
        #expect(group.takeWaiting([3]).map(\.token) == [3])
        #expect(group.takeWaiting().map(\.token) == [2, 4])
        #expect(group.active == 1)
        group.ended(isSuccess: true)
        #expect(group.next() == nil)
    }

    @Test func theCourierStartsNoMoreThanTheGroupMay() throws {
        let receiver = ScriptedReceiver(.answering(202))
        let (courier, box) = try Courier.withBox()
        defer { courier.stop() }
        let requests = (1...20).map { Request.grouped(receiver.url, token: $0) }
        courier.send(requests, limits: [GroupLimit(group: 3, limit: 2)])
        #expect(Set(box.take(20).map(\.token)) == Set(1...20))
        #expect(receiver.connectionCount <= 2)
    }

    @Test func whatIsRecalledWasNotSentAndItsRepliesComeFirst() throws {
        let receiver = ScriptedReceiver(.hanging)
        let (courier, box) = try Courier.withBox()
        defer { courier.stop() }
        let requests = (1...5).map { Request.grouped(receiver.url, token: $0) }
        courier.send(requests, limits: [GroupLimit(group: 3, limit: 1)])
        let order = Mailbox<Int>()
        courier.recall([3]) { order.post(box.batchSizes.reduce(0, +)) }
        #expect(order.wait(milliseconds: 20_000) == [4], "they were given back before the call")
        let replies = box.take(4)
        #expect(replies.allSatisfy { $0.failure?.kind == .cancelled && $0.failure?.requestSent == false })
        #expect(Set(replies.map(\.token)) == [2, 3, 4, 5])
    }

    @Test func aBadAnswerHaltsTheGroupUntilItIsAllowedAnew() throws {
        let receiver = ScriptedReceiver(.answering(503))
        let (courier, box) = try Courier.withBox()
        defer { courier.stop() }
        courier.send(
            (1...3).map { Request.grouped(receiver.url, token: $0) }, limits: [GroupLimit(group: 3, limit: 1)]
        )
        #expect(box.take(1).map(\.token) == [1])
        // Nothing else comes by itself: the recall finds the other two.
        courier.recall([3])
        #expect(Set(box.take(2).compactMap { $0.failure?.kind }) == [.cancelled])
        courier.send([.grouped(receiver.url, token: 4)], limits: [GroupLimit(group: 3, limit: 1)])
        #expect(box.take(1).first?.answer?.status == 503)
    }

    @Test func stoppingGivesBackWhatWaits() throws {
        let receiver = ScriptedReceiver(.hanging)
        let (courier, box) = try Courier.withBox()
        courier.send(
            (1...4).map { Request.grouped(receiver.url, token: $0) }, limits: [GroupLimit(group: 3, limit: 1)]
        )
        courier.stop()
        #expect(Set(box.take(4).map(\.token)) == [1, 2, 3, 4])
        let called = Mailbox<Int>()
        courier.recall([3]) { called.post(1) }
        #expect(called.take() == [1], "nobody waits for a courier that has stopped")
    }
}

extension Request {
    fileprivate static func grouped(_ url: String, token: Int) -> Request {
        var request = Request.post(url, token: UInt64(token))
        request.group = 3
        return request
    }
}
