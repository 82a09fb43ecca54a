// A job's pace: smooth, and never more than its rate.

import Model
import Testing

@testable import Dispatcher

struct JobPaceTests {
    @Test(arguments: [
        ("10/s", 1, 30, 300), ("5/m", 1, 600, 50), ("1000/s", 1, 5, 5_000), ("100/10s", 1, 20, 200),
    ])
    func givesItsRate(text: String, first: Int, seconds: Int64, expected: Int) throws {
        var pace = JobPace(rate: try Rate(parsing: text), now: .at(0))
        var now = Timestamp.at(0)
        var given = pace.allowance(at: now)
        #expect(given == first)
        pace.spend(given)
        while now < .at(seconds) {
            #expect(pace.wait.milliseconds > 0)
            now = now + pace.wait
            let allowed = pace.allowance(at: now)
            #expect(allowed >= 1, "waiting as long as it said is enough")
            pace.spend(allowed)
            given += allowed
        }
        #expect(abs(given - expected) <= max(2, expected / 100), "\(given)")
    }

    @Test func doesNotMakeUpForWhatWasNotUsed() throws {
        var pace = JobPace(rate: try Rate(parsing: "10/s"), now: .at(0))
        #expect(pace.allowance(at: .at(3_600)) == 10)
        pace.spend(10)
        #expect(pace.allowance(at: .at(3_600)) == 0)
        #expect(pace.allowance(at: .at(100)) == 0, "a clock that goes back gives nothing")
    }
}
