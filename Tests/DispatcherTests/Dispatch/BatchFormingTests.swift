// When what waits becomes a batch, and how a queue sends batches.

import Model
import Outbox
import Testing

@testable import Dispatcher

struct BatchFormingTests {
    private var rule: Batching {
        var rule = Batching()
        (rule.count, rule.wait, rule.bytes) = (3, .seconds(10), 100)
        return rule
    }

    private func forming(_ waiting: [(Int, Int64)]) -> BatchForming {
        var forming = BatchForming()
        for (bytes, second) in waiting { forming.add(bytes: bytes, now: .at(second)) }
        return forming
    }

    @Test func enoughIsABatchAtOnce() {
        var forming = forming([(1, 0), (1, 0)])
        #expect(forming.ready(by: rule, now: .at(0)) == 0)
        forming.add(bytes: 1, now: .at(1))
        forming.add(bytes: 1, now: .at(1))
        #expect(forming.ready(by: rule, now: .at(1)) == 3)
        forming.remove(3)
        #expect(forming.count == 1 && forming.ready(by: rule, now: .at(10)) == 0, "it waits since 1")
        #expect(forming.opens(by: rule) == .at(11) && forming.ready(by: rule, now: .at(11)) == 1)
    }

    @Test func theFirstWaitsNoLongerThanItMay() {
        let forming = forming([(1, 0), (1, 9)])
        #expect(forming.ready(by: rule, now: .at(9)) == 0 && forming.opens(by: rule) == .at(10))
        #expect(forming.ready(by: rule, now: .at(10)) == 2)
        #expect(BatchForming().opens(by: rule) == nil && BatchForming().ready(by: rule, now: .at(99)) == 0)
    }

    @Test func bytesFillABatchToo() {
        #expect(forming([(60, 0), (40, 0)]).ready(by: rule, now: .at(0)) == 0, "one more may fit")
        #expect(forming([(60, 0), (41, 0)]).ready(by: rule, now: .at(0)) == 1)
        #expect(forming([(101, 0), (1, 0)]).ready(by: rule, now: .at(0)) == 1, "a large one goes alone")
    }

    // MARK: In a queue

    private func queue(_ change: (inout Plugin) -> Void = { _ in }) -> PluginQueue {
        let plugin = Plugin.named("p") {
            $0.batch = rule
            $0.batch.bytes = 1_000_000
            change(&$0)
        }
        return PluginQueue(number: PluginNumber(1), plugin: plugin, record: nil, now: .at(0))
    }

    private func offer(_ queue: inout PluginQueue, _ numbers: Int64...) {
        for number in numbers { queue.offer(.of(sequence: number)) }
    }

    private func start(_ queue: inout PluginQueue, at second: Int64) -> [[Int64]] {
        queue.startBatches(.at(second)).map { $0.map(\.delivery.sequence) }
    }

    @Test func aQueueSendsBatchesOldestEventFirst() {
        var queue = queue()
        let wanted = queue.creditWanted(.at(0))
        #expect(wanted == 6, "for this batch and the next one")
        offer(&queue, 9, 1, 8, 2)
        let first = start(&queue, at: 0)
        #expect(first == [[1, 8, 9]] && queue.inFlight == 1)
        #expect(queue.wakes(.at(4)) == .at(10))
        let second = start(&queue, at: 10)
        #expect(second == [[2]] && queue.inFlight == 2 && queue.wakes(.at(10)) == nil)
    }

    @Test func windowAndRateCountRequests() {
        var queue = queue {
            $0.concurrency = 2
            $0.rate = Rate(count: 3, period: .seconds(60))
        }
        offer(&queue, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
        let first = start(&queue, at: 0)
        #expect(first == [[1, 2, 3], [4, 5, 6]])
        queue.finished([.of(), .of(), .of()], .success(latency: .milliseconds(1)), now: .at(1), random: 0)
        queue.finished([.of(), .of(), .of()], .success(latency: .milliseconds(1)), now: .at(1), random: 0)
        let second = start(&queue, at: 1)
        #expect(second == [[7, 8, 9]] && queue.inFlight == 1, "the rate allows three requests")
        let moment = queue.wakes(.at(1))
        #expect(moment.map { $0 > .at(1) } == true)
    }

    @Test func halvesGoFirstAndWaitForNothing() {
        var queue = queue()
        offer(&queue, 1, 2, 3, 4)
        let batch = queue.startBatches(.at(0))[0]
        queue.finished(batch, .neutral, now: .at(0), random: 0)
        queue.retryInHalves(batch)
        let halves = start(&queue, at: 0)
        #expect(halves == [[1, 2], [3]] && queue.inFlight == 2)
        let rest = start(&queue, at: 10)
        #expect(rest == [[4]])
    }

    @Test func whatIsNotSentIsGivenBack() {
        var queue = queue { $0.concurrency = 1 }
        offer(&queue, 1, 2, 3, 4)
        let batch = queue.startBatches(.at(0))[0]
        queue.finished(batch, .neutral, now: .at(0), random: 0)
        queue.retryInHalves(batch)
        _ = start(&queue, at: 0)
        queue.pause(because: "operator")
        let nothing = start(&queue, at: 20)
        #expect(nothing.isEmpty && queue.wakes(.at(20)) == nil)
        let back = queue.takeBack()
        #expect(Set(back.released.map(\.sequence)) == [3, 4])
        queue.resume(now: .at(30))
        offer(&queue, 3)
        queue.finished([.of()], .success(latency: .milliseconds(1)), now: .at(30), random: 0)
        let early = start(&queue, at: 30)
        let late = start(&queue, at: 40)
        #expect(early.isEmpty && late == [[3]], "it waits anew")
    }

    @Test func aReceiverThatMayBeDeadIsProbedWithOne() {
        var queue = queue()
        for _ in 0..<ConcurrencyWindow.deadAfter {
            offer(&queue, 1, 2, 3)
            let batch = queue.startBatches(.at(0))
            for claims in batch { queue.finished(claims, .failed, now: .at(0), random: 0) }
        }
        #expect(queue.suspendedUntil != nil)
        offer(&queue, 1, 2, 3)
        let probe = start(&queue, at: 1000)
        #expect(probe == [[1]])
    }

    @Test func withoutBatchesHalvesGoAlone() {
        var queue = queue()
        offer(&queue, 1, 2, 3, 4)
        let batch = queue.startBatches(.at(0))[0]
        queue.finished(batch, .neutral, now: .at(0), random: 0)
        queue.retryInHalves(batch)
        queue.configure(.named("p"), now: .at(0))
        #expect(!queue.isBatching)
        let started = queue.start(.at(0))
        #expect(started.map(\.delivery.sequence) == [1, 2, 3, 4])
    }
}
