// The window of concurrency: growth, shrinking, suspension and probes, step by step and in simulations.

import Testing

@testable import Model

@Suite struct ConcurrencyWindowTests {
    private func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }
    private let quick = ConcurrencyWindow.Signal.success(latency: .milliseconds(2))

    /// A window that was full all the time and got `count` successes.
    private func grown(_ window: ConcurrencyWindow, by count: Int) -> ConcurrencyWindow {
        var window = window
        for _ in 0..<count { window.record(quick, inFlight: max(0, window.limit - 1), now: at(0), random: 0) }
        return window
    }

    @Test func startsSmallAndGrowsToTheMaximum() {
        var window = ConcurrencyWindow(maximum: 64)
        #expect(window.room(inFlight: 0, now: at(0)) == 4)
        #expect(window.room(inFlight: 3, now: at(0)) == 1)
        #expect(window.room(inFlight: 9, now: at(0)) == 0)
        window = grown(window, by: 4)
        #expect(window.limit == 8)
        window = grown(window, by: 500)
        #expect(window.limit == 64)
        #expect(ConcurrencyWindow(maximum: 1).room(inFlight: 0, now: at(0)) == 1)
        #expect(ConcurrencyWindow(maximum: 0).room(inFlight: 0, now: at(0)) == 1)
    }

    @Test func anIdleWindowDoesNotGrow() {
        var window = grown(ConcurrencyWindow(maximum: 64), by: 12)
        #expect(window.limit == 16)
        for _ in 0..<100 { window.record(quick, inFlight: 0, now: at(0), random: 0) }
        #expect(window.limit == 16)
    }

    @Test func congestionShrinksOnceARound() {
        var window = grown(ConcurrencyWindow(maximum: 64), by: 100)
        window.record(.congested, inFlight: 63, now: at(0), random: 0)
        #expect(window.limit == 44)
        window.record(.congested, inFlight: 62, now: at(0), random: 0)
        window.record(.congested, inFlight: 61, now: at(0), random: 0)
        #expect(window.limit == 44)
        for left in (0..<61).reversed() { window.record(quick, inFlight: left, now: at(0), random: 0) }
        let before = window.limit
        window.record(.congested, inFlight: 0, now: at(0), random: 0)
        #expect(window.limit < before)
    }

    @Test func afterCongestionItGrowsByOneARound() {
        var window = grown(ConcurrencyWindow(maximum: 64), by: 28)
        #expect(window.limit == 32)
        window.record(.congested, inFlight: 0, now: at(0), random: 0)
        #expect(window.limit == 22)
        window = grown(window, by: 22)
        #expect((22...24).contains(window.limit))
    }

    @Test func risingLatencyShrinks() {
        var window = grown(ConcurrencyWindow(maximum: 64), by: 600)
        #expect(window.limit == 64)
        for _ in 0..<64 {
            window.record(.success(latency: .milliseconds(200)), inFlight: 63, now: at(0), random: 0)
        }
        #expect(window.limit < 64)
        var noisy = grown(ConcurrencyWindow(maximum: 64), by: 600)
        for _ in 0..<64 {
            noisy.record(.success(latency: .milliseconds(15)), inFlight: 63, now: at(0), random: 0)
        }
        #expect(noisy.limit == 64)
    }

    @Test func aSlowReceiverIsNotARisingOne() {
        var window = ConcurrencyWindow(maximum: 16)
        for _ in 0..<500 {
            window.record(.success(latency: .seconds(30)), inFlight: window.limit - 1, now: at(0), random: 0)
        }
        #expect(window.limit == 16)
    }

    @Test func aDeadReceiverIsSuspendedAndProbedByOne() throws {
        var window = grown(ConcurrencyWindow(maximum: 64), by: 100)
        for left in (59..<64).reversed() {
            window.record(.failed, inFlight: left, now: at(1_000), random: .max)
        }
        let first = try #require(window.suspendedUntil)
        #expect(first == at(6_000))
        #expect(window.room(inFlight: 59, now: at(2_000)) == 0)
        // Replies to what was in flight change nothing.
        for left in (0..<59).reversed() {
            window.record(.failed, inFlight: left, now: at(2_000), random: .max)
        }
        #expect(window.suspendedUntil == first)
        #expect(window.room(inFlight: 0, now: at(5_999)) == 0)
        #expect(window.room(inFlight: 0, now: at(6_000)) == 1)
        #expect(window.room(inFlight: 1, now: at(6_000)) == 0)
        window.record(.failed, inFlight: 0, now: at(6_100), random: .max)
        #expect(window.suspendedUntil == at(16_100))
        window.record(quick, inFlight: 0, now: at(16_200), random: 0)
        #expect(window.suspendedUntil == nil)
        #expect(window.limit == 1)
        #expect(grown(window, by: 7).limit == 8)
    }

    @Test func pausesDoubleToTheLongest() {
        var window = ConcurrencyWindow(maximum: 4)
        var now = at(0)
        var pauses: [Int64] = []
        for _ in 0..<4 { window.record(.failed, inFlight: 0, now: now, random: .max) }
        for _ in 0..<40 {
            window.record(.failed, inFlight: 0, now: now, random: .max)
            guard let until = window.suspendedUntil else { Issue.record("not suspended"); return }
            pauses.append((until - now).milliseconds)
            now = until
        }
        #expect(
            Array(pauses.prefix(8)) == [5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000])
        #expect(pauses.last == 300_000)
    }

    @Test func probesOfManyPluginsDoNotMeet() {
        var dice = SeededRandom(seed: 5)
        let moments = (0..<1_000).map { _ -> Int64 in
            var window = ConcurrencyWindow(maximum: 4)
            for _ in 0..<5 { window.record(.failed, inFlight: 0, now: at(0), random: dice.next()) }
            return window.suspendedUntil?.milliseconds ?? -1
        }
        #expect(moments.allSatisfy { (2_500...5_000).contains($0) })
        #expect(Set(moments).count > 500)
    }

    @Test func refusalsShowThatTheReceiverLives() {
        var window = ConcurrencyWindow(maximum: 4)
        for _ in 0..<20 {
            for _ in 0..<4 { window.record(.failed, inFlight: 0, now: at(0), random: 0) }
            window.record(.neutral, inFlight: 0, now: at(0), random: 0)
        }
        #expect(window.suspendedUntil == nil)
        #expect(window.limit == 1)
    }

    @Test func anOperatorMayWakeIt() {
        var window = ConcurrencyWindow(maximum: 4)
        for _ in 0..<5 { window.record(.failed, inFlight: 0, now: at(0), random: 0) }
        #expect(window.room(inFlight: 0, now: at(1)) == 0)
        window.wake(now: at(1))
        #expect(window.room(inFlight: 0, now: at(1)) == 1)
    }

    @Test func aSmallerMaximumHoldsAtOnce() {
        var window = grown(ConcurrencyWindow(maximum: 64), by: 100)
        window.maximum = 8
        #expect(window.room(inFlight: 0, now: at(0)) == 8)
        window.record(.congested, inFlight: 0, now: at(0), random: 0)
        #expect(window.limit == 5)
    }

    /// A receiver that answers 429 above ten at once: the window settles there and most deliveries get through.
    @Test func settlesAtWhatTheReceiverTakes() {
        var window = ConcurrencyWindow(maximum: 64)
        var inFlight = 0
        var (delivered, refused) = (0, 0)
        for step in 0..<20_000 {
            let now = at(Int64(step) * 100)
            inFlight += window.room(inFlight: inFlight, now: now)
            guard inFlight > 0 else { continue }
            let tooMany = inFlight > 10
            inFlight -= 1
            tooMany ? (refused += 1) : (delivered += 1)
            window.record(
                tooMany ? .congested : quick, inFlight: inFlight, now: now, random: UInt64(step) << 50)
        }
        #expect((4...13).contains(window.limit))
        #expect(delivered > 10 * refused, "\(delivered) \(refused)")
    }

    /// Six hours down: attempts are bounded by the probes, not by the backlog.
    @Test func anOutageCostsFewAttempts() {
        var window = ConcurrencyWindow(maximum: 64)
        var dice = SeededRandom(seed: 9)
        var attempts = 0
        for second in 0..<21_600 {
            let now = at(Int64(second) * 1_000)
            let room = window.room(inFlight: 0, now: now)
            attempts += room
            for left in (0..<room).reversed() {
                window.record(.failed, inFlight: left, now: now, random: dice.next())
            }
        }
        #expect(attempts < 150, "\(attempts)")
        #expect(attempts > 60)
    }
}
