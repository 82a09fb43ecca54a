// When intake is refused for want of disk, and when it goes on.

import Mailbox
import Model
import Testing

@testable import Dispatcher

struct DiskWatchTests {
    @Test func refusesBelowTheLimitAndGoesOnAboveIt() throws {
        let time = TestClock()
        let free = Lock<Int64?>(1000)
        let watch = DiskWatch(
            outbox: "/outbox", clock: time.clock, least: { 500 }, measure: { _ in free.withLock { $0 } })
        #expect(watch.refusal == nil)
        free.withLock { $0 = 499 }
        #expect(watch.refusal == nil, "the disk is asked once a second")
        time.advance(.seconds(1))
        let refusal = try #require(watch.refusal)
        #expect(refusal.contains("499") && refusal.contains("500") && refusal.contains("/outbox"))
        free.withLock { $0 = 500 }
        time.advance(.seconds(1))
        #expect(watch.refusal == nil)
    }

    @Test func aDiskThatDoesNotAnswerRefusesNothing() {
        let watch = DiskWatch(
            outbox: "/outbox", clock: TestClock().clock, least: { 500 }, measure: { _ in nil })
        #expect(watch.refusal == nil)
    }

    @Test func theLimitIsTheOneOfNow() {
        let least = Lock<Int64>(500)
        let watch = DiskWatch(
            outbox: "/outbox", clock: TestClock().clock, least: { least.withLock { $0 } },
            measure: { _ in 1000 })
        #expect(watch.refusal == nil)
        least.withLock { $0 = 1001 }
        #expect(watch.refusal != nil)
    }
}
