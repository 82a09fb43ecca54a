// One plugin's day: events come, attempts start when the queue lets them, receivers answer or not. The next thing that
// can happen moves the clock. Plugins share nothing but the dispatcher, whose load is added up afterwards.

import Model
import Outbox
import Settings

/// A simulated plugin.
struct StormPlugin {
    private let storm: Storm
    private let plugin: Plugin
    private let outage: Storm.Outage?
    private let settling: Settling
    private var random: SeededRandom
    private var now = StormPlugin.beginning
    private var queue: PluginQueue
    private var backlog = StormBacklog()
    private var flying: [Attempt] = []
    private var nextEvent: Timestamp
    private var events = 0
    private var course: StormCourse

    /// The wall clock when the day begins.
    private static let beginning = Timestamp(milliseconds: 1_800_000_000_000)

    /// An attempt under way.
    private struct Attempt {
        let claim: Claim
        let startedAt: Timestamp
        let endsAt: Timestamp
        let reply: Reply
    }

    /// The plugin number `index` of `storm`.
    init(_ index: Int, of storm: Storm) {
        self.storm = storm
        plugin = storm.plugin(index)
        outage = storm.outage(index)
        settling = Settling(plugin: plugin, mwdb: nil, redaction: .none)
        random = SeededRandom(seed: storm.seed &* 1_000_003 &+ UInt64(index) &+ 1)
        let moment = Moment(wall: now, steady: now)
        queue = PluginQueue(number: PluginNumber(1), plugin: plugin, record: nil, now: moment)
        course = StormCourse(index: index, outage: outage, rate: plugin.rate)
        nextEvent = now
        nextEvent = eventTime()
    }

    /// Simulates the day.
    mutating func run() -> StormCourse {
        while now - StormPlugin.beginning < storm.day {
            advance()
            var next = nextEvent
            for attempt in flying { next = min(next, attempt.endsAt) }
            if let due = backlog.nextDue { next = min(next, max(due, now + .milliseconds(1))) }
            if let moment = queue.wakes(moment) { next = min(next, max(moment, now + .milliseconds(1))) }
            now = next
            happen()
        }
        course.finish(backlog)
        return course
    }

    private var moment: Moment { Moment(wall: now, steady: now) }
    private var sinceBeginning: Span { now - StormPlugin.beginning }

    /// What the dispatch thread does whenever something touched the queue.
    private mutating func advance() {
        while true {
            for claim in queue.start(moment) { start(claim) }
            let wanted = queue.creditWanted(moment)
            if wanted > 0 { backlog.addCredit(wanted, queue.drain) }
            let claims = backlog.handOut(now)
            for claim in claims { queue.offer(claim) }
            guard !claims.isEmpty else { return }
        }
    }

    private mutating func start(_ claim: Claim) {
        let (reply, took) = answer()
        flying.append(Attempt(claim: claim, startedAt: now, endsAt: now + took, reply: reply))
        course.started(sinceBeginning, first: claim.attempts == 0, waited: now - claim.acceptedAt, storm)
    }

    /// Events and ends of attempts that are due now.
    private mutating func happen() {
        if nextEvent <= now {
            backlog.accept(now)
            events += 1
            nextEvent = eventTime()
        }
        var index = 0
        while index < flying.count {
            if flying[index].endsAt <= now { settle(flying.remove(at: index)) } else { index += 1 }
        }
    }

    private mutating func settle(_ attempt: Attempt) {
        let verdict = Verdict.judge(
            reply: attempt.reply.result, plugin: plugin, redaction: .none, now: now)
        let finished = FinishedAttempt(
            claim: attempt.claim, conclusion: .judged(verdict), reply: attempt.reply, concernsReceiver: true,
            startedAt: attempt.startedAt, triedFor: queue.triedFor(attempt.claim, now: now))
        let settlement = settling.settlement(of: finished, now: now, random: random.next())
        backlog.record(settlement.record, now)
        queue.finished(attempt.claim, settlement.signal, now: moment, random: random.next())
        if queue.cameBack() { backlog.pullIn(now) }
        if let notBefore = settlement.notBefore { _ = queue.wait(until: notBefore) }
        if settlement.outcome == .delivered {
            course.delivered(
                sinceBeginning, accepted: attempt.claim.acceptedAt - StormPlugin.beginning, storm)
        }
    }

    /// A random moment of the next event's interval.
    private mutating func eventTime() -> Timestamp {
        let interval = storm.interval.milliseconds
        let chance = Int64(random.next().multipliedFullWidth(by: UInt64(max(1, interval))).high)
        return max(now, StormPlugin.beginning + .milliseconds(Int64(events) * interval + chance))
    }

    /// What the receiver answers to a request that is sent now, and how long it takes.
    private mutating func answer() -> (Reply, Span) {
        let isDown = sinceBeginning >= storm.downFrom && sinceBeginning < storm.upAgain
        switch isDown ? outage : nil {
        case nil: return reply(202, .milliseconds(30 + Int64(random.next() % 20)))
        case .overloaded: return reply(503, .milliseconds(20))
        case .refuses: return failure(.connect, .milliseconds(1))
        case .hangs: return failure(.timeout, plugin.transport.connectTimeout)
        }
    }

    private func reply(_ status: Int, _ took: Span) -> (Reply, Span) {
        var timings = Timings()
        timings.total = took.milliseconds * 1_000
        return (Reply(token: 0, result: .answer(Answer(status: status)), timings: timings), took)
    }

    private func failure(_ kind: ExchangeFailure.Kind, _ took: Span) -> (Reply, Span) {
        (Reply(token: 0, result: .failure(ExchangeFailure(kind: kind, message: "down"))), took)
    }
}
