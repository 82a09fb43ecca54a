// `rate`: never more than configured in any period.

import Testing

@testable import Model

@Suite struct RateBucketTests {
    private func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    @Test func aBurstThenOneAPlace() {
        var bucket = RateBucket(rate: Rate(count: 2, period: .minutes(1)))
        #expect(bucket.take(at: at(0)) == .allowed)
        #expect(bucket.take(at: at(10_000)) == .allowed)
        #expect(bucket.take(at: at(20_000)) == .wait(until: at(60_000)))
        #expect(bucket.take(at: at(59_999)) == .wait(until: at(60_000)))
        #expect(bucket.take(at: at(60_000)) == .allowed)
        #expect(bucket.take(at: at(60_000)) == .wait(until: at(70_000)))
    }

    /// The receiver's own count, over any period, of whatever is asked at random times.
    @Test(arguments: [(1, 1_000), (5, 60_000), (7, 100), (5_000, 1_000), (100_000, 10_000)])
    func neverMoreInAnyPeriod(count: Int, period: Int64) {
        var bucket = RateBucket(rate: Rate(count: count, period: .milliseconds(period)))
        var dice = SeededRandom(seed: UInt64(count))
        var now: Int64 = 0
        var grants: [Int64] = []
        for _ in 0..<60_000 {
            if Int.random(in: 0..<max(1, count / 4), using: &dice) == 0 {
                now += Int64.random(in: 0...max(1, period / 3), using: &dice)
            }
            switch bucket.take(at: at(now)) {
            case .allowed: grants.append(now)
            case .wait(let until):
                #expect(until.milliseconds > now && until.milliseconds <= now + period)
                now = until.milliseconds
            }
        }
        for index in grants.indices where index >= count {
            if grants[index] - grants[index - count] < period {
                Issue.record("\(count + 1) within \(period) ms at \(grants[index])")
            }
        }
        #expect(grants.count > 20_000)
    }

    @Test func aClockSetBackHoldsNobodyLongerThanAPeriod() {
        var bucket = RateBucket(rate: Rate(count: 2, period: .minutes(1)))
        _ = bucket.take(at: at(10_000_000))
        _ = bucket.take(at: at(10_000_000))
        #expect(bucket.take(at: at(5_000)) == .wait(until: at(65_000)))
        #expect(bucket.take(at: at(65_000)) == .allowed)
    }

    @Test func whatIsGivenBackCanBeTakenAgain() {
        var bucket = RateBucket(rate: Rate(count: 2, period: .minutes(1)))
        _ = bucket.take(at: at(0))
        _ = bucket.take(at: at(1))
        _ = bucket.take(at: at(60_000))
        bucket.giveBack()
        #expect(bucket.take(at: at(60_000)) == .allowed)
        #expect(bucket.take(at: at(60_000)) == .wait(until: at(60_001)))
        bucket.giveBack()
        bucket.giveBack()
        bucket.giveBack()
        #expect(bucket.take(at: at(60_000)) == .allowed)
    }
}
