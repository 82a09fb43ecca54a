// Bytes in flight are bounded as well as counts, also of samples that are streamed.

import Model
import Outbox
import Testing

@testable import Dispatcher

struct SamplesInFlightTests {
    /// A claim on an event about a file of so many bytes.
    private func claim(_ sequence: Int64, megabytes: Int) -> Claim {
        let text = String(decoding: Sample.file("e\(sequence)"), as: UTF8.self)
        let line = text.replacing("\"file_size\":2", with: "\"file_size\":\(megabytes << 20)")
        #expect(line != text)
        return .of(Array(line.utf8), sequence: sequence)
    }

    private func queue(_ body: BodyKind) -> PluginQueue {
        let plugin = Plugin.named("p") {
            $0.body = body
            $0.concurrency = 16
        }
        return PluginQueue(number: PluginNumber(1), plugin: plugin, record: nil, now: .at(0))
    }

    @Test("samples of 100 MB go two at a time, however small their events are, and none is overtaken")
    func samples() {
        var queue = queue(.multipart)
        for number in 1...4 { queue.offer(claim(Int64(number), megabytes: number == 4 ? 1 : 100)) }
        #expect(queue.start(.at(0)).map(\.delivery.sequence) == [1, 2])
        #expect(queue.start(.at(0)).isEmpty)
        queue.finished(claim(1, megabytes: 100), .success(latency: .milliseconds(9)), now: .at(1), random: 0)
        #expect(queue.start(.at(1)).map(\.delivery.sequence) == [3, 4])
    }

    @Test("a sample that is larger than the bound goes alone")
    func alone() {
        var queue = queue(.multipart)
        for number in 1...3 { queue.offer(claim(Int64(number), megabytes: 1024)) }
        for number in 1...3 {
            let started = queue.start(.at(0))
            #expect(started.map(\.delivery.sequence) == [Int64(number)])
            for claim in started { queue.finished(claim, nil, now: .at(1), random: 0) }
        }
    }

    @Test("a plugin that sends no samples is not bounded by theirs")
    func withoutSamples() {
        var queue = queue(.event)
        for number in 1...4 { queue.offer(claim(Int64(number), megabytes: 1024)) }
        #expect(queue.start(.at(0)).count == 4)
    }

    @Test("what is given back and claimed again counts once")
    func givenBack() {
        var queue = queue(.multipart)
        for round in 0..<20 {
            queue.offer(claim(1, megabytes: 200))
            if round < 19 { #expect(queue.recall().count == 1) }
        }
        #expect(queue.start(.at(0)).count == 1)
        queue.offer(claim(2, megabytes: 50))
        #expect(queue.start(.at(0)).count == 1)
        queue.offer(claim(3, megabytes: 50))
        #expect(queue.start(.at(0)).isEmpty)
    }

    @Test("a receiver that comes back after an outage is known to be back; after a hiccup it is not")
    func back() {
        for (pause, expected) in [(Int64(30), false), (70, true)] {
            var queue = queue(.event)
            for number in 1...8 { queue.offer(claim(Int64(number), megabytes: 1)) }
            for claim in queue.start(.at(0)) {
                queue.finished(claim, .failed, now: .at(1), random: 0)
            }
            queue.offer(claim(9, megabytes: 1))
            for claim in queue.start(.at(2)) { queue.finished(claim, .failed, now: .at(2), random: 0) }
            #expect(queue.suspendedUntil != nil)
            let probe = queue.start(.at(2 + pause))
            #expect(probe.count == 1)
            queue.finished(
                probe[0], .success(latency: .milliseconds(1)), now: .at(2 + pause), random: 0)
            let (isBack, isStillBack) = (queue.cameBack(), queue.cameBack())
            #expect(isBack == expected)
            #expect(!isStillBack)
            #expect(queue.suspendedUntil == nil)
        }
    }
}
