// How fast a queue is, as far as it decides what is held ready: a slow one holds nothing, a fast one some
// milliseconds' worth.

import Model
import Testing

@testable import Dispatcher

struct PaceTests {
    @Test func aQueueThatIsNotKnownYetHoldsNothing() {
        #expect(Pace().attempts(within: .seconds(1)) == 0)
    }

    @Test func oneAttemptASecondIsNothingWithinMilliseconds() {
        var pace = Pace()
        for second in 0..<10 { pace.note(Timestamp(milliseconds: Int64(second) * 1000)) }
        #expect(pace.attempts(within: .milliseconds(25)) == 0)
    }

    @Test func twentyAMillisecondAreFiveHundredWithinTwentyFive() {
        var pace = Pace()
        for attempt in 0...2000 { pace.note(Timestamp(milliseconds: Int64(attempt) / 20)) }
        #expect((450...550).contains(pace.attempts(within: .milliseconds(25))))
    }

    @Test func itFollowsAReceiverThatBecomesSlow() {
        var pace = Pace()
        for attempt in 0...2000 { pace.note(Timestamp(milliseconds: Int64(attempt) / 20)) }
        pace.note(Timestamp(milliseconds: 60_000))
        #expect(pace.attempts(within: .milliseconds(25)) == 0)
    }
}
