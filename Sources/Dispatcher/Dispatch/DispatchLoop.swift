// The dispatch thread's state and steps. Messages are taken in batches; what follows from them for courier and
// outbox is collected and handed over in batches too.

import Courier
import Logging
import Mailbox
import Model
import Outbox
import Settings

/// One thread's work: queues, deliveries in flight, and what is to be handed over next.
final class DispatchLoop {
    private let mailbox: Mailbox<DispatchMessage>
    private let outbox: Outbox
    private let courier: Courier
    private let samples: SampleStore
    private let log: Logger
    private let clock: Clock

    private var queues: [PluginNumber: PluginQueue] = [:]
    private var builders: [PluginNumber: RequestBuilder] = [:]
    private var figures: [PluginNumber: PluginFigures] = [:]
    private var inFlight: [UInt64: InFlight] = [:]
    private var lastToken: UInt64 = 0
    private var touched: Set<PluginNumber> = []
    private var alarms: [PluginNumber: Timestamp] = [:]
    private var mwdb: MWDBSettings?
    private var redaction = Redaction([])
    private var drained: (@Sendable () -> Void)?
    private var stopping = false
    private var randomness = SystemRandomNumberGenerator()
    private var lastMoment: Moment

    private var sends: [Request] = []
    private var records: [Record] = []

    /// Retry rules of write-backs.
    private let writeBackRules = Plugin(name: "mwdb")

    /// A delivery being tried.
    struct InFlight {
        let queue: PluginNumber
        let claim: Claim
        var exchange: any Exchange
        let startedAt: Timestamp
        var marked: Request?
    }

    init(
        mailbox: Mailbox<DispatchMessage>, outbox: Outbox, courier: Courier, samples: SampleStore,
        log: Logger,
        clock: Clock
    ) {
        self.mailbox = mailbox
        self.outbox = outbox
        self.courier = courier
        self.samples = samples
        self.log = log
        self.clock = clock
        lastMoment = clock.moment
    }

    /// Works until told to stop.
    func run() {
        while !stopping {
            let messages = mailbox.wait(milliseconds: sleepTime())
            let now = clock.moment
            watchClock(now)
            for message in messages { handle(message, now) }
            for (queue, alarm) in alarms where alarm <= now.steady { touched.insert(queue) }
            advance(now)
            handOver()
            reportDrained()
        }
    }

    private func sleepTime() -> Int32 {
        guard let next = alarms.values.min() else { return 5000 }
        return Int32(max(1, min(5000, (next - clock.steady()).milliseconds)))
    }

    /// Pulls waits in when the wall clock was set by more than two seconds.
    private func watchClock(_ now: Moment) {
        let drift = (now.wall - lastMoment.wall).milliseconds - (now.steady - lastMoment.steady).milliseconds
        lastMoment = now
        guard abs(drift) > 2000 else { return }
        log.warning("the clock was set", metadata: ["clock.by_ms": "\(drift)"])
        for number in queues.keys { pullIn(number, now) }
    }

    private func pullIn(_ number: PluginNumber, _ now: Moment) {
        let longest = queues[number]?.plugin?.backoff.longest ?? writeBackRules.backoff.longest
        queues[number]?.clockSet(now: now, longest: .days(1))
        outbox.pullIn(queue: number, latest: now.wall + longest)
        touched.insert(number)
    }

    private func handle(_ message: DispatchMessage, _ now: Moment) {
        switch message {
        case .claims(let claims):
            for claim in claims {
                queues[claim.delivery.queue]?.offer(claim)
                touched.insert(claim.delivery.queue)
            }
        case .replies(let replies):
            for reply in replies { receive(reply, now) }
        case .marked(let tokens, let stored): afterMarking(tokens, stored: stored, now)
        case .configure(let configuration): configure(configuration, now)
        case .pause(let number, let reason):
            queues[number]?.pause(because: reason)
            touched.insert(number)
        case .resume(let number):
            queues[number]?.resume(now: now)
            touched.insert(number)
        case .report(let answer): answer(report(now))
        case .drain(let callback): drain(callback)
        case .abort: courier.cancel(Array(inFlight.keys))
        case .stop: stopping = true
        }
    }

    // MARK: Configuration

    private func configure(_ configuration: DispatchConfiguration, _ now: Moment) {
        mwdb = configuration.mwdb
        redaction = configuration.redaction
        builders = configuration.plugins.mapValues { RequestBuilder(plugin: $0, mwdb: configuration.mwdb) }
        for record in configuration.records {
            let plugin = record.number == .mwdb ? writeBackRules : configuration.plugins[record.number]
            if queues[record.number] == nil {
                queues[record.number] = PluginQueue(
                    number: record.number, plugin: plugin, record: record, now: now)
                pullIn(record.number, now)
            } else {
                queues[record.number]?.configure(plugin, now: now)
            }
            touched.insert(record.number)
        }
    }

    private func drain(_ callback: @escaping @Sendable () -> Void) {
        drained = callback
        for number in queues.keys {
            outbox.withdrawCredit(queue: number)
            if let released = queues[number]?.drain(), !released.isEmpty { outbox.release(released) }
        }
    }

    private func reportDrained() {
        guard inFlight.isEmpty, let drained else { return }
        self.drained = {}
        drained()
    }

    // MARK: Sending

    /// Starts what each touched queue permits and asks the outbox for more.
    private func advance(_ now: Moment) {
        while !touched.isEmpty {
            let batch = touched
            touched.removeAll(keepingCapacity: true)
            for number in batch { advance(number, now) }
        }
    }

    private func advance(_ number: PluginNumber, _ now: Moment) {
        alarms[number] = nil
        if drained != nil {
            if let released = queues[number]?.drain(), !released.isEmpty { outbox.release(released) }
            return
        }
        if let closed = queues[number]?.takeBack() {
            if closed.withdraw { outbox.withdrawCredit(queue: number) }
            if !closed.released.isEmpty { outbox.release(closed.released) }
        }
        for claim in queues[number]?.start(now) ?? [] { begin(claim, number, now) }
        if let wanted = queues[number]?.creditWanted(now), wanted > 0 {
            outbox.addCredit(wanted, queue: number, order: .oldest)
        }
        alarms[number] = queues[number]?.wakes(now)
    }

    private func begin(_ claim: Claim, _ number: PluginNumber, _ now: Moment) {
        lastToken += 1
        let token = lastToken
        var exchange: any Exchange
        if claim.delivery.step > 0 {
            let plugin = builders[claim.delivery.plugin]?.plugin
            exchange = WriteBackExchange(claim: claim, plugin: plugin, mwdb: mwdb)
        } else if let builder = builders[number] {
            exchange = ReceiverExchange(claim: claim, builder: builder, samples: samples)
        } else {
            queues[number]?.finished(nil, now: now, random: 0)
            return outbox.release([claim.delivery])
        }
        let step = exchange.begin(token: token, now: now.wall)
        inFlight[token] = InFlight(
            queue: number, claim: claim, exchange: exchange, startedAt: now.wall, marked: nil)
        perform(step, token, now)
    }

    private func perform(_ step: ExchangeStep, _ token: UInt64, _ now: Moment) {
        switch step {
        case .finished(let conclusion, let reply): settle(token, conclusion, reply, now)
        case .send(let request):
            guard let delivery = inFlight[token], delivery.exchange.concernsReceiver,
                builders[delivery.queue]?.plugin.onAmbiguous == .hold, delivery.claim.delivery.step == 0
            else { return sends.append(request) }
            mark(request, token, delivery.claim.delivery)
        }
    }

    /// `on_ambiguous = hold`: a mark is durable before the first byte is sent.
    private func mark(_ request: Request, _ token: UInt64, _ delivery: DeliveryID) {
        inFlight[token]?.marked = request
        let mailbox = mailbox
        outbox.markStarted([delivery]) { result in
            if case .success = result {
                mailbox.post(.marked([token], stored: true))
            } else {
                mailbox.post(.marked([token], stored: false))
            }
        }
    }

    private func afterMarking(_ tokens: [UInt64], stored: Bool, _ now: Moment) {
        for token in tokens {
            guard let delivery = inFlight[token], let request = delivery.marked else { continue }
            inFlight[token]?.marked = nil
            if stored && drained == nil {
                sends.append(request)
            } else {
                giveBack(token, delivery, now)
            }
        }
    }

    // MARK: What comes back

    private func receive(_ reply: Reply, _ now: Moment) {
        guard var delivery = inFlight[reply.token] else { return }
        if case .failure(let failure) = reply.result, failure.kind == .cancelled {
            return giveBack(reply.token, delivery, now)
        }
        let step = delivery.exchange.next(reply, now: now.wall)
        inFlight[reply.token]?.exchange = delivery.exchange
        perform(step, reply.token, now)
    }

    private func giveBack(_ token: UInt64, _ delivery: InFlight, _ now: Moment) {
        inFlight[token] = nil
        queues[delivery.queue]?.finished(nil, now: now, random: 0)
        touched.insert(delivery.queue)
        outbox.release([delivery.claim.delivery])
    }

    private func settle(_ token: UInt64, _ conclusion: Conclusion, _ reply: Reply?, _ now: Moment) {
        guard let delivery = inFlight.removeValue(forKey: token) else { return }
        let rules = builders[delivery.queue]?.plugin ?? writeBackRules
        let finished = FinishedAttempt(
            claim: delivery.claim, conclusion: conclusion, reply: reply,
            concernsReceiver: delivery.exchange.concernsReceiver, startedAt: delivery.startedAt,
            openSince: queues[delivery.queue]?.openSince ?? now.wall)
        let settlement = Settlement.of(
            finished, plugin: rules, mwdb: mwdb, redaction: redaction, now: now.wall,
            random: randomness.next())
        records.append(settlement.record)
        figures[delivery.queue, default: PluginFigures()].count(settlement, reply)
        apply(settlement, to: delivery.queue, now)
    }

    private func apply(_ settlement: Settlement, to number: PluginNumber, _ now: Moment) {
        queues[number]?.finished(settlement.signal, now: now, random: randomness.next())
        touched.insert(number)
        if settlement.signal != nil { queues[number]?.misconfigured = settlement.misconfigured }
        if let reason = settlement.pause {
            queues[number]?.pause(because: reason)
            log.warning("plugin paused", metadata: ["plugin": "\(name(number))", "reason": "\(reason)"])
            store("pause") { [outbox] () async throws(OutboxError) in
                try await outbox.pause(number, because: reason)
            }
        }
        if let moment = settlement.notBefore {
            queues[number]?.wait(until: moment)
            store("Retry-After") { [outbox] () async throws(OutboxError) in
                try await outbox.setNotBefore(number, moment)
            }
        }
    }

    /// A plugin's state is stored beside the deliveries' outcomes; if it cannot be, the receiver will say it again.
    private func store(_ what: String, _ operation: @escaping @Sendable () async throws(OutboxError) -> Void)
    {
        let log = log
        Task {
            do throws(OutboxError) {
                try await operation()
            } catch {
                log.error(
                    "cannot store a plugin's state", metadata: ["what": "\(what)", "error": "\(error)"])
            }
        }
    }

    private func handOver() {
        if !sends.isEmpty {
            courier.send(sends)
            sends.removeAll(keepingCapacity: true)
        }
        if !records.isEmpty {
            outbox.record(records)
            records.removeAll(keepingCapacity: true)
        }
    }

    // MARK: What the operator sees

    private func name(_ number: PluginNumber) -> String {
        number == .mwdb ? "mwdb" : builders[number]?.plugin.name ?? "plugin \(number.rawValue)"
    }

    private func report(_ now: Moment) -> [PluginNumber: PluginStatus] {
        queues.reduce(into: [:]) { statuses, entry in
            let (number, queue) = entry
            let (state, reason) = queue.state(now)
            var status = PluginStatus(name: name(number), state: state, reason: reason)
            status.inFlight = queue.inFlight
            status.window = queue.windowSize(now)
            figures[number]?.fill(&status)
            statuses[number] = status
        }
    }
}
