// The courier's smaller parts, each by itself.

import Mailbox
import Model
import Testing

@testable import Courier

@Suite struct CourierPartsTests {
    @Test func lanesGoByDestination() {
        let same = ["http://a:1/", "http://a:1/x", "http://a:1/x/y?http://b/"].map { Engine.laneIndex($0) }
        #expect(Set(same).count == 1)
        let others = (0..<1000).map { Engine.laneIndex("http://10.0.0.\($0 % 250):\($0)/hook") }
        #expect(Set(others).count == Engine.laneCount)
        #expect(Engine.laneIndex("") >= 0)
    }

    @Test func bareLoopCountsWhatItDid() throws {
        let receiver = ScriptedReceiver(.answering(202))
        let result = try BareLoop.run(url: receiver.url, body: [1, 2, 3], inFlight: 4, requests: 100)
        #expect(result.delivered == 100)
        #expect(result.failed == 0)
        #expect(result.perSecond > 0)
        #expect(result.processorMicroseconds > 0)
        #expect(receiver.connectionCount == 4)
        receiver.stop()
        #expect(try BareLoop.run(url: receiver.url, body: [], inFlight: 2, requests: 4).failed == 4)
    }

    /// An answer can be there before libcurl has returned from sending: then nothing is left to wait for, and a loop
    /// that still saw a time-out would spin until the next request.
    @Test func nothingIsDueWhenAllRequestsHaveEnded() throws {
        try CurlLibrary.start()
        let receiver = ScriptedReceiver(.answering(202))
        var replies = 0
        let engine = try Engine(mailbox: Mailbox(), idleConnections: 1, flusher: nil, signer: nil) {
            replies += $0.count
        }
        for number in 1...500 {
            engine.start([Request(token: UInt64(number), url: receiver.url, transport: Transport())])
            while replies < number { engine.turn() }
            #expect(engine.openLanes.allSatisfy { $0.timerAt == nil })
        }
        engine.close()
        receiver.stop()
    }

    @Test func fieldListLinksWhatWasAdded() {
        var list = FieldList()
        for round in 0..<3 {
            list.removeAll()
            let before = list.link()
            #expect(before == nil)
            for index in 0..<(50 * round + 1) {
                let isTaken = list.append(Header("x-\(index)", String(repeating: "v", count: index)))
                #expect(isTaken)
            }
            let areTaken = [list.append(Header("", "a")), list.append(Header("a:b", "c"))]
            #expect(areTaken == [false, false])
            list.append(directive: "Expect:")
            var lines: [String] = []
            var node = list.link()
            while let current = node {
                lines.append(String(cString: current.pointee.data))
                node = current.pointee.next
            }
            #expect(lines.count == 50 * round + 2)
            #expect(lines.first == "x-0;")
            #expect(lines.last == "Expect:")
        }
    }
}
