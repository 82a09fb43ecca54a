// One plugin's queue: what may start, what it asks the outbox for, and when it looks again.

import Model
import Outbox
import Testing

@testable import Dispatcher

struct PluginQueueTests {
    private func queue(
        _ record: PluginRecord? = nil, _ change: (inout Plugin) -> Void = { _ in }
    ) -> PluginQueue {
        PluginQueue(
            number: PluginNumber(1), plugin: .named("p", change), record: record, now: .at(0))
    }

    /// Offers `count` claims of small events.
    private func offer(_ queue: inout PluginQueue, _ count: Int, from first: Int64 = 1, bytes: Int = 0) {
        for number in first..<first + Int64(count) {
            var claim = Claim.of(sequence: number)
            if bytes > 0 { claim.body = [UInt8](repeating: 32, count: bytes) }
            queue.offer(claim)
        }
    }

    private func finish(_ queue: inout PluginQueue, _ signal: ConcurrencyWindow.Signal?, at second: Int64) {
        queue.finished(.of(), signal, now: .at(second), random: 0)
    }

    // MARK: Credit

    @Test func creditIsAskedForOnce() {
        var queue = queue()
        let firstWanted = queue.creditWanted(.at(0))
        #expect(firstWanted == ConcurrencyWindow.initialSize)
        let secondWanted = queue.creditWanted(.at(0))
        #expect(secondWanted == 0)
        offer(&queue, 2)
        let thirdWanted = queue.creditWanted(.at(0))
        #expect(thirdWanted == 0)
        let started = queue.start(.at(0))
        #expect(started.count == 2)
        let fourthWanted = queue.creditWanted(.at(0))
        #expect(fourthWanted == 2)
    }

    @Test func neverMoreStartThanTheWindowAllows() {
        var queue = queue { $0.concurrency = 2 }
        _ = queue.creditWanted(.at(0))
        offer(&queue, 5)
        let firstStarted = queue.start(.at(0))
        #expect(firstStarted.count == 2 && queue.inFlight == 2)
        let secondStarted = queue.start(.at(0))
        #expect(secondStarted.isEmpty)
        finish(&queue, .success(latency: .milliseconds(1)), at: 1)
        let thirdStarted = queue.start(.at(1))
        #expect(thirdStarted.map(\.delivery.sequence) == [3])
    }

    @Test func aPausedQueueGivesEverythingBackAndAsksForNothing() {
        var queue = queue()
        _ = queue.creditWanted(.at(0))
        offer(&queue, 2)
        queue.pause(because: "operator")
        let started = queue.start(.at(0))
        #expect(started.isEmpty)
        let wanted = queue.creditWanted(.at(0))
        #expect(wanted == 0)
        let first = queue.takeBack()
        #expect(first.released.map(\.sequence) == [1, 2] && first.withdraw)
        // Claims that were on their way when credit was withdrawn.
        offer(&queue, 2, from: 3)
        let second = queue.takeBack()
        #expect(second.released.map(\.sequence) == [3, 4] && !second.withdraw)
        #expect(queue.wakes(.at(0)) == nil)
    }

    @Test func aResumedQueueAsksAgain() {
        var queue = queue()
        let firstWanted = queue.creditWanted(.at(0))
        #expect(firstWanted == 4)
        queue.pause(because: "operator")
        _ = queue.takeBack()
        queue.resume(now: .at(10))
        let secondWanted = queue.creditWanted(.at(10))
        #expect(secondWanted == 4)
        queue.pause(because: "operator")
        let back = queue.takeBack()
        #expect(back.withdraw, "it has credit again, so it is withdrawn again")
    }

    @Test func aDisabledPluginsQueueIsClosedUntilItIsBack() {
        var queue = queue()
        _ = queue.creditWanted(.at(0))
        offer(&queue, 1)
        queue.configure(.named("p") { $0.enabled = false }, now: .at(1))
        #expect(!queue.isOpen && queue.state(.at(1)).0 == .disabled)
        let back = queue.takeBack()
        #expect(back.released.count == 1)
        queue.configure(nil, now: .at(2))
        let firstWanted = queue.creditWanted(.at(2))
        #expect(firstWanted == 0)
        queue.configure(.named("p"), now: .at(3))
        let secondWanted = queue.creditWanted(.at(3))
        #expect(secondWanted == 4)
    }

    @Test func anOperationHoldsTheQueueAndItsEndOpensIt() {
        var queue = queue()
        _ = queue.creditWanted(.at(0))
        offer(&queue, 1)
        queue.hold()
        queue.hold()
        let back = queue.takeBack()
        #expect(back.released.count == 1)
        queue.goOn()
        let firstWanted = queue.creditWanted(.at(0))
        #expect(firstWanted == 0)
        queue.goOn()
        queue.goOn()
        let secondWanted = queue.creditWanted(.at(0))
        #expect(secondWanted == 4)
        #expect(queue.state(.at(0)).0 == .running)
    }

    // MARK: Bytes

    @Test func largeEventsAreAskedForOneByOne() {
        var queue = queue { $0.concurrency = 100 }
        _ = queue.creditWanted(.at(0))
        offer(&queue, 4, bytes: 3 << 20)
        let firstWanted = queue.creditWanted(.at(0))
        #expect(firstWanted == 0, "more than mostBytes wait already")
        let firstStarted = queue.start(.at(0))
        #expect(firstStarted.count == 2, "6 MiB are in flight, another 3 would be too much")
        let secondStarted = queue.start(.at(0))
        #expect(secondStarted.isEmpty)
        for _ in 0..<2 {
            queue.finished(claim(bytes: 3 << 20), nil, now: .at(1), random: 0)
        }
        let thirdStarted = queue.start(.at(1))
        #expect(thirdStarted.count == 2)
        let secondWanted = queue.creditWanted(.at(1))
        #expect((1...8).contains(secondWanted))
    }

    @Test func anEventLargerThanTheLimitIsSentAlone() {
        var queue = queue()
        _ = queue.creditWanted(.at(0))
        offer(&queue, 4, bytes: 12 << 20)
        for second in 0..<Int64(4) {
            let started = queue.start(.at(second))
            #expect(started.count == 1)
            queue.finished(claim(bytes: 12 << 20), nil, now: .at(second), random: 0)
        }
        let wanted = queue.creditWanted(.at(4))
        #expect(wanted == 1, "the next one may be as large")
    }

    private func claim(bytes: Int) -> Claim {
        var claim = Claim.of()
        claim.body = [UInt8](repeating: 32, count: bytes)
        return claim
    }

    // MARK: Waiting

    @Test func aRateIsKeptAndItsEndIsAwaited() {
        var queue = queue {
            $0.rate = Rate(count: 2, period: .minutes(1))
            $0.concurrency = 10
        }
        let wanted = queue.creditWanted(.at(0))
        #expect(wanted == 2)
        offer(&queue, 4)
        let firstStarted = queue.start(.at(0))
        #expect(firstStarted.count == 2)
        let secondStarted = queue.start(.at(1))
        #expect(secondStarted.isEmpty)
        #expect(queue.state(.at(1)).0 == .slowed)
        #expect(queue.wakes(.at(1)) == .at(60))
        for _ in 0..<2 { finish(&queue, .success(latency: .milliseconds(1)), at: 2) }
        let thirdStarted = queue.start(.at(59))
        #expect(thirdStarted.isEmpty)
        let fourthStarted = queue.start(.at(60))
        #expect(fourthStarted.count == 2)
    }

    @Test func retryAfterStopsTheWholePlugin() {
        var queue = queue()
        _ = queue.creditWanted(.at(0))
        offer(&queue, 2)
        let (later, sooner) = (queue.wait(until: .at(30)), queue.wait(until: .at(20)))
        #expect(later && !sooner)
        let firstStarted = queue.start(.at(0))
        #expect(firstStarted.isEmpty)
        #expect(queue.wakes(.at(0)) == .at(30))
        #expect(queue.state(.at(0)).0 == .slowed)
        let secondStarted = queue.start(.at(30))
        #expect(secondStarted.count == 2)
    }

    @Test func whileWaitingOneClaimIsEnough() {
        var queue = queue()
        _ = queue.wait(until: .at(30))
        let firstWanted = queue.creditWanted(.at(0))
        #expect(firstWanted == 1)
        offer(&queue, 1)
        let secondWanted = queue.creditWanted(.at(0))
        #expect(secondWanted == 0)
        #expect(queue.wakes(.at(0)) == .at(30))
    }

    @Test func whatTheOutboxRemembersHolds() {
        var waiting = queue(
            PluginRecord(number: PluginNumber(1), name: "p", notBefore: .at(30)))
        offer(&waiting, 1)
        let firstStarted = waiting.start(.at(29))
        let secondStarted = waiting.start(.at(30))
        #expect(firstStarted.isEmpty && secondStarted.count == 1)
        var paused = queue(PluginRecord(number: PluginNumber(1), name: "p", pausedBecause: "HTTP 410"))
        offer(&paused, 1)
        let thirdStarted = paused.start(.at(0))
        #expect(thirdStarted.isEmpty)
        #expect(paused.state(.at(0)) == (.paused, "HTTP 410"))
    }

    @Test func resumingForgetsRetryAfter() {
        var queue = queue(PluginRecord(number: PluginNumber(1), name: "p", notBefore: .at(3000)))
        queue.pause(because: "operator")
        queue.resume(now: .at(1))
        offer(&queue, 1)
        let started = queue.start(.at(1))
        #expect(started.count == 1)
    }

    @Test func aClockThatIsSetBackDoesNotStopThePlugin() {
        var queue = queue()
        offer(&queue, 1)
        _ = queue.wait(until: .at(60))
        let back = Moment(wall: .at(-1_000_000), steady: .at(10))
        queue.clockSet(now: back, longest: .minutes(5))
        #expect(queue.notBefore == .at(-1_000_000) + .minutes(5))
        #expect(queue.wakes(back) == .at(310))
    }

    @Test func theWallClockDoesNotDisturbARate() {
        var queue = queue { $0.rate = Rate(count: 1, period: .minutes(1)) }
        offer(&queue, 2)
        _ = queue.start(.at(0))
        finish(&queue, .success(latency: .milliseconds(1)), at: 1)
        let firstStarted = queue.start(Moment(wall: .at(1_000_000), steady: .at(2)))
        #expect(firstStarted.isEmpty)
        let secondStarted = queue.start(Moment(wall: .at(-1_000_000), steady: .at(60)))
        #expect(secondStarted.count == 1)
    }

    // MARK: Suspension

    /// A queue whose receiver is dead since second 10, with claims waiting.
    private func suspended() -> PluginQueue {
        var queue = queue()
        for round in 0..<Int64(ConcurrencyWindow.deadAfter) {
            _ = queue.creditWanted(.at(round))
            offer(&queue, 1, from: round + 1)
            _ = queue.start(.at(round))
            finish(&queue, .failed, at: 10)
        }
        return queue
    }

    @Test func aDeadReceiverIsProbedWithOneDelivery() throws {
        var queue = suspended()
        let probe = try #require(queue.suspendedUntil)
        #expect(queue.state(.at(10)).0 == .suspended)
        let wanted = queue.creditWanted(.at(10))
        #expect(wanted <= 1)
        offer(&queue, 3, from: 100)
        let firstStarted = queue.start(.at(10))
        #expect(firstStarted.isEmpty)
        #expect(queue.wakes(.at(10)) == probe)
        let then = Moment(wall: probe, steady: probe)
        let secondStarted = queue.start(then)
        #expect(secondStarted.count == 1)
        let thirdStarted = queue.start(then)
        #expect(thirdStarted.isEmpty)
        queue.finished(.of(), .success(latency: .milliseconds(1)), now: then, random: 0)
        #expect(queue.suspendedUntil == nil)
        let fourthStarted = queue.start(then)
        #expect(!fourthStarted.isEmpty)
    }

    @Test func aProbeThatSaysNothingIsRepeated() throws {
        var queue = suspended()
        let probe = try #require(queue.suspendedUntil)
        let then = Moment(wall: probe, steady: probe)
        offer(&queue, 2, from: 100)
        _ = queue.start(then)
        queue.finished(.of(), nil, now: then, random: 0)
        let started = queue.start(then)
        #expect(started.count == 1)
    }

    @Test func anOperatorsWordTriesASuspendedReceiverAtOnce() {
        var queue = suspended()
        offer(&queue, 1, from: 100)
        queue.wake(now: .at(11))
        let started = queue.start(.at(11))
        #expect(started.count == 1)
    }

    @Test func aMendedConfigurationStartsAfresh() {
        var queue = suspended()
        queue.misconfigured = "HTTP 404"
        offer(&queue, 1, from: 100)
        let firstChanged = queue.configure(
            .named("p") { $0.url = Template(literal: "http://127.0.0.1:9/new") }, now: .at(11))
        #expect(firstChanged)
        #expect(queue.state(.at(11)).0 == .running)
        let started = queue.start(.at(11))
        #expect(started.count == 1)
        let secondChanged = queue.configure(
            .named("p") { $0.url = Template(literal: "http://127.0.0.1:9/new") }, now: .at(12))
        #expect(!secondChanged)
    }

    @Test func anUnrelatedReloadLeavesTheWindowAlone() {
        var queue = suspended()
        let changed = queue.configure(.named("p") { $0.concurrency = 3 }, now: .at(11))
        #expect(!changed)
        #expect(queue.state(.at(11)).0 == .suspended)
    }

    // MARK: max_age

    @Test func onlyTimeInWhichItCouldBeTriedCounts() {
        var queue = queue()
        let claim = Claim.of(updatedAt: .at(-100))
        #expect(queue.triedFor(claim, now: .at(50)) == .seconds(50), "not before this daemon ran")
        #expect(queue.triedFor(.of(updatedAt: .at(20)), now: .at(50)) == .seconds(30))
        queue.pause(because: "operator")
        queue.resume(now: .at(40))
        #expect(queue.triedFor(claim, now: .at(50)) == .seconds(10))
        _ = queue.wait(until: .at(45))
        #expect(queue.triedFor(claim, now: .at(50)) == .seconds(5), "nor while it was asked to wait")
        #expect(queue.triedFor(.of(updatedAt: .at(60)), now: .at(50)) == .seconds(0), "a clock set back")
    }

    @Test func suspensionDoesNotCount() throws {
        var queue = suspended()
        let claim = Claim.of(updatedAt: .at(4))
        #expect(queue.triedFor(claim, now: .at(100_000)) == .seconds(6))
        let then = try Moment(wall: .at(100_000), steady: #require(queue.suspendedUntil))
        offer(&queue, 1, from: 100)
        _ = queue.start(then)
        queue.finished(.of(), .success(latency: .milliseconds(1)), now: then, random: 0)
        #expect(queue.triedFor(claim, now: .at(100_007)) == .seconds(7))
    }

    @Test func aClockThatJumpsAheadAgesNothing() {
        var queue = queue()
        let year = Moment(wall: .at(31_536_000), steady: .at(10))
        queue.clockSet(now: year, longest: .days(1))
        #expect(queue.triedFor(.of(updatedAt: .at(0)), now: year.wall + .seconds(3)) == .seconds(3))
    }

    // MARK: What an operator sees

    @Test func theMostImportantStateIsShown() {
        var queue = queue()
        #expect(queue.state(.at(0)).0 == .running)
        queue.misconfigured = "HTTP 401"
        #expect(queue.state(.at(0)) == (.misconfigured, "HTTP 401"))
        queue.pause(because: "operator")
        #expect(queue.state(.at(0)) == (.paused, "operator"))
        queue.configure(nil, now: .at(0))
        #expect(queue.state(.at(0)).0 == .disabled)
    }

    @Test func theQueueOfWriteBacksSaysWhatItMisses() throws {
        let queue = PluginQueue(number: .mwdb, plugin: nil, record: nil, now: .at(0))
        let (state, reason) = queue.state(.at(0))
        #expect(state == .disabled)
        #expect(try #require(reason).contains("api_key"))
    }
}
