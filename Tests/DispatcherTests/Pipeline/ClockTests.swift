// Somebody sets the clock: retries and pauses wait no longer than they may, and nothing ages at once.

import Model
import Outbox
import Testing

@testable import Dispatcher

struct ClockTests {
    private let receiver = Receiver()
    private let time = TestClock()

    private func plugin(_ change: (inout Plugin) -> Void = { _ in }) -> Plugin {
        .at(receiver.url("/hello"), name: "hello") {
            $0.backoff = Backoff(shortest: .hours(1), longest: .hours(1))
            change(&$0)
        }
    }

    /// When the next retry is, seen from now.
    private func untilRetry(_ daemon: Daemon) async throws -> Span? {
        try await daemon.status("hello").nextRetry.map { $0 - time.clock.wall() }
    }

    @Test func aClockSetBackDelaysNoRetryBeyondTheLongestBackoff() async throws {
        receiver.on("/hello", .answers(500))
        let daemon = try await Daemon.started([plugin()], clock: time.clock)
        _ = await daemon.post(Sample.file("a"))
        try await daemon.wait("hello") { $0.nextRetry != nil }
        time.set(by: .milliseconds(-86_400_000))
        try await daemon.wait("hello") { status in
            status.nextRetry.map { $0 - time.clock.wall() <= .hours(1) } ?? false
        }
        #expect(daemon.log.wait(for: "the clock was set"))
        await daemon.pipeline.stop(within: .seconds(20))
    }

    @Test func atStartRetriesAreNotFurtherAwayThanTheLongestBackoff() async throws {
        receiver.on("/hello", .answers(500))
        let daemon = try await Daemon.started([plugin()], clock: time.clock)
        _ = await daemon.post(Sample.file("a"))
        try await daemon.wait("hello") { $0.nextRetry != nil }
        await daemon.pipeline.stop(within: .seconds(20))
        time.set(by: .milliseconds(-86_400_000))
        let again = try await Daemon.started([plugin()], in: daemon.folder, clock: time.clock)
        try await again.wait("hello") { status in
            status.nextRetry.map { $0 - time.clock.wall() <= .hours(1) } ?? false
        }
        await again.pipeline.stop(within: .seconds(20))
    }

    @Test func aClockSetBackDoesNotProlongRetryAfter() async throws {
        receiver.on("/hello", .answers(503, ["Retry-After: 60"]))
        let daemon = try await Daemon.started([plugin()], clock: time.clock)
        _ = await daemon.post(Sample.file("a"))
        try await daemon.wait("hello") { $0.state == .slowed }
        receiver.on("/hello", .answers(200))
        time.set(by: .milliseconds(-30 * 86_400_000))
        _ = try await daemon.status("hello")
        // A day at most, whatever the clock said before.
        time.advance(.days(1))
        _ = try await daemon.pipeline.retry(.matching(DeliveryFilter()))
        #expect(receiver.wait(2, "/hello").count == 2)
        await daemon.pipeline.stop(within: .seconds(20))
    }

    @Test func aClockSetAheadKillsNoDelivery() async throws {
        receiver.on("/hello", .answers(500))
        let daemon = try await Daemon.started(
            [plugin { $0.maximumAge = .days(3) }], clock: time.clock)
        _ = await daemon.post(Sample.file("a"))
        for attempt in 1...7 {
            try await daemon.wait("hello") { $0.failed >= Int64(attempt) && $0.inFlight == 0 }
            time.set(by: .days(30))
            _ = try await daemon.status("hello")
            _ = try await daemon.pipeline.retry(.matching(DeliveryFilter()))
        }
        #expect(try await daemon.status("hello").dead == 0)
        await daemon.pipeline.stop(within: .seconds(20))
    }

    @Test func whatIsTriedForTooLongIsGivenUp() async throws {
        receiver.on("/hello", .answers(500))
        let daemon = try await Daemon.started(
            [plugin { $0.maximumAge = .hours(4) }], clock: time.clock)
        _ = await daemon.post(Sample.file("a"))
        var attempt: Int64 = 1
        while attempt < 20 {
            try await daemon.wait("hello") { $0.failed >= attempt && $0.inFlight == 0 }
            if try await daemon.status("hello").dead == 1 { break }
            attempt += 1
            time.advance(.hours(1))
            // The receiver is suspended after a while: an operator's word probes it, and that time does not count.
            daemon.pipeline.tell(.wake(nil))
            // Nobody tells the outbox that this clock has jumped: it looks when it is asked for something.
            daemon.pipeline.outbox.addCredit(0, queue: .mwdb, order: .oldest)
        }
        #expect(attempt >= 5, "at least five attempts")
        await daemon.pipeline.stop(within: .seconds(20))
    }
}
