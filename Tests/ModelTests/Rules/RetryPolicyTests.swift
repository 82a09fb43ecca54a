// When deliveries are tried again, and when they are given up.

import Testing

@testable import Model

@Suite struct RetryPolicyTests {
    private let backoff = Backoff(shortest: .seconds(5), longest: .hours(1))

    @Test func pausesGrowToTheLongest() {
        func ends(_ attempt: Int) -> [Int64] {
            [0, UInt64.max].map {
                RetryPolicy.nextDelay(attempt: attempt, backoff: backoff, random: $0).milliseconds
            }
        }
        #expect(ends(1) == [500, 5_000])
        #expect(ends(2) == [500, 10_000])
        #expect(ends(10) == [500, 2_560_000])
        #expect(ends(11) == [500, 3_600_000])
        #expect(ends(1_000) == [500, 3_600_000])
        #expect(ends(Int.max) == [500, 3_600_000])
        #expect(ends(0) == ends(1) && ends(-5) == ends(1))
    }

    @Test func pausesFillTheWholeRange() {
        var dice = SeededRandom(seed: 3)
        let pauses = (0..<10_000).map { _ in
            RetryPolicy.nextDelay(attempt: 5, backoff: backoff, random: dice.next()).milliseconds
        }
        #expect(pauses.allSatisfy { (500...80_000).contains($0) })
        for tenth in 0..<10 {
            let lower = 500 + Int64(tenth) * 7_950
            #expect((800...1_200).contains(pauses.count { $0 >= lower && $0 < lower + 7_950 }))
        }
    }

    @Test func neverZeroWhateverIsConfigured() {
        for milliseconds in [0, 1, 9, Int64.max / 2] {
            let odd = Backoff(shortest: .milliseconds(milliseconds), longest: .milliseconds(milliseconds))
            #expect(RetryPolicy.nextDelay(attempt: 70, backoff: odd, random: 0).milliseconds >= 1)
            #expect(
                RetryPolicy.nextDelay(attempt: 70, backoff: odd, random: .max).milliseconds
                    <= max(1, milliseconds))
        }
    }

    @Test func ageCountsOnlyWithFiveAttempts() {
        let plugin = Plugin(name: "p")
        #expect(!RetryPolicy.isExhausted(attempts: 4, triedFor: .days(30), plugin: plugin))
        #expect(RetryPolicy.isExhausted(attempts: 5, triedFor: .days(3), plugin: plugin))
        #expect(
            !RetryPolicy.isExhausted(attempts: 5_000, triedFor: .days(3) + .milliseconds(-1), plugin: plugin))
    }

    @Test func attemptsCountAlone() {
        var plugin = Plugin(name: "p")
        plugin.maximumAttempts = 3
        #expect(!RetryPolicy.isExhausted(attempts: 2, triedFor: .days(30), plugin: plugin))
        #expect(RetryPolicy.isExhausted(attempts: 3, triedFor: .seconds(1), plugin: plugin))
        #expect(
            RetryPolicy.exhaustion(attempts: 3, plugin: plugin, last: "HTTP 500")
                == "given up after 3 attempts (max_attempts = 3); the last: HTTP 500")
        plugin.maximumAttempts = nil
        #expect(
            RetryPolicy.exhaustion(attempts: 9, plugin: plugin, last: "HTTP 500")
                == "given up after 9 attempts in 3d (max_age); the last: HTTP 500")
    }
}
