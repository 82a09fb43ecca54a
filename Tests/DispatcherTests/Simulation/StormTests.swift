// A day's retry storm: 1,000 plugins, a third of them down for six hours. The rules have to answer for what happens.

import Mailbox
import Model
import Testing

@testable import Dispatcher

@Suite("Retry storm", .timeLimit(.minutes(10)))
struct StormTests {
    /// The day of the issue with fewer events, simulated once, on a thread of its own: other tests need theirs.
    private static let day = Task {
        await withCheckedContinuation { (continuation: CheckedContinuation<StormFigures?, Never>) in
            do {
                _ = try WorkerThread(name: "storm") {
                    var storm = Storm()
                    storm.interval = .minutes(10)
                    continuation.resume(returning: storm.run())
                }
            } catch {
                continuation.resume(returning: nil)
            }
        }
    }

    private func figures() async throws -> StormFigures {
        try #require(await Self.day.value)
    }

    @Test("no healthy delivery is delayed: each starts in the millisecond in which it is accepted")
    func healthy() async throws {
        let figures = try await figures()
        #expect(figures.healthyAttempts >= 660 * 140)
        #expect(figures.healthyWait == .milliseconds(0))
        // What all plugins together ask of the dispatcher is nothing it could not do in a fraction of a second.
        #expect(figures.load.max() ?? 0 < 2_000)
    }

    @Test("attempts at receivers that are down are bounded: probes, whatever waits")
    func dead() async throws {
        let figures = try await figures()
        // Half of the longest pause between probes is certain; before it is reached, and until the receiver is known
        // to be dead, there are some more.
        let bound = Int(figures.storm.downFor.milliseconds / Span.seconds(150).milliseconds) + 30
        #expect(figures.attemptsWhileDown.count == 334)
        #expect(figures.attemptsWhileDown.last ?? 0 <= bound)
        #expect(figures.attemptsWhileDown.first ?? 0 >= 60, "it is probed all the time")
        #expect(figures.dead == 0, "an outage of hours kills nothing")
    }

    @Test(
        "after the outage each receiver is found within the longest pause, and its backlog is gone soon after"
    )
    func drained() async throws {
        let figures = try await figures()
        for recovery in figures.recoveries {
            #expect(recovery.firstSuccess.count == recovery.drained.count)
            #expect(recovery.firstSuccess.last ?? .days(1) <= .minutes(5) + .seconds(6), "\(recovery.name)")
            // 36 events of the outage: at ten a minute, less what comes meanwhile, four minutes.
            #expect(recovery.drained.last ?? .days(1) <= .minutes(10), "\(recovery.name)")
        }
        #expect(figures.pending <= 1000, "what the day's last minutes brought")
    }

    @Test("no rate is exceeded, in no period of the day")
    func rate() async throws {
        let figures = try await figures()
        #expect(figures.exceedingRate == 0)
    }

    @Test(
        "no herd: receivers that come back together are found one after the other, each gets little at first")
    func herd() async throws {
        let figures = try await figures()
        let all = figures.recoveries.flatMap(\.firstSuccess).map(\.milliseconds)
        for quarter in 0..<4 {
            let found = all.count { $0 / 75_000 == quarter }
            #expect(found * 100 <= all.count * 45, "\(found) of \(all.count) in quarter \(quarter)")
        }
        let back = Int(figures.storm.upAgain.milliseconds / 1000)
        #expect(figures.load[back..<back + 600].max() ?? 0 < 2_000)
    }

    @Test("fresh events do not wait behind the backlog")
    func fresh() async throws {
        let figures = try await figures()
        for recovery in figures.recoveries where !recovery.freshWaits.isEmpty {
            #expect(recovery.freshWaits[recovery.freshWaits.count / 2] <= .minutes(1), "\(recovery.name)")
        }
    }

    @Test("the same seed gives the same day")
    func deterministic() {
        var storm = Storm()
        (storm.plugins, storm.interval) = (12, .minutes(5))
        let (one, other) = (storm.run(), storm.run())
        #expect(one.load == other.load)
        #expect(one.attemptsWhileDown == other.attemptsWhileDown)
    }
}
