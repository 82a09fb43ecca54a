// The dispatch thread's state and rounds. Messages are taken in batches; what follows from them for courier and
// outbox is collected and handed over in batches too.

import Courier
import Logging
import Mailbox
import Model
import Outbox
import Settings

/// One thread's work: queues, deliveries in flight, and what is to be handed over next.
final class DispatchLoop {
    let mailbox: Mailbox<DispatchMessage>
    let outbox: Outbox
    let courier: Courier
    let samples: SampleStore
    let log: Logger
    let clock: Clock
    /// Told of deliveries that die.
    let notices: Lock<NoticeRules>

    var queues = QueueTable()
    var builders: [PluginNumber: RequestBuilder] = [:]
    /// How attempts of each plugin are settled.
    var settlings: [PluginNumber: Settling] = [:]
    lazy var writeBackSettling = Settling(plugin: writeBackRules, mwdb: mwdb, redaction: redaction)
    var figures: [PluginNumber: PluginFigures] = [:]
    var inFlight: [UInt64: InFlight] = [:]
    /// Requests with several deliveries.
    var batches: [UInt64: BatchInFlight] = [:]
    /// Bytes of events that left their queue with each of them.
    var batchBytes: [UInt64: Int] = [:]
    var lastToken: UInt64 = 0
    /// Queues to be looked at in this round.
    var touched: Set<PluginNumber> = []
    /// When queues want to be looked at next, on the steady clock.
    private var alarms: [PluginNumber: Timestamp] = [:]
    /// No alarm is earlier than this.
    private var nextAlarm: Timestamp?
    var mwdb: MWDBSettings?
    var redaction = Redaction.none
    /// For pauses between attempts: spread is all that is wanted of it, so no system call for each number.
    var randomness = SeededRandom(seed: .random(in: .min ... .max))

    /// Set while the daemon stops: nothing is started any more.
    var drained: (@Sendable () -> Void)?
    /// The time to stop is over: no request is sent any more.
    var isAborting = false
    private var isStopping = false
    private var lastMoment: Moment
    /// When this daemon started: what is older may have been tried by an earlier one.
    let startedAt: Timestamp

    var sends: [Request] = []
    /// How many requests of which queue the courier may have under way from now on.
    var limits: [GroupLimit] = []
    /// Queues whose requests are to come back from the courier if they have not started.
    var recalls: [Int] = []
    var records: [Record] = []
    var marks: [(token: UInt64, delivery: DeliveryID)] = []
    /// Changes of plugins' states, stored one after the other.
    var lastStore: Task<Void, Never>?

    /// Retry rules of write-backs.
    let writeBackRules = Plugin(name: "mwdb")

    init(
        mailbox: Mailbox<DispatchMessage>, outbox: Outbox, courier: Courier, samples: SampleStore,
        log: Logger, clock: Clock, notices: Lock<NoticeRules>
    ) {
        self.mailbox = mailbox
        self.outbox = outbox
        self.courier = courier
        self.samples = samples
        self.log = log
        self.clock = clock
        self.notices = notices
        lastMoment = clock.moment
        startedAt = lastMoment.wall
    }

    /// Works until told to stop.
    func run() {
        while !isStopping {
            let messages = mailbox.wait(milliseconds: sleepTime())
            let now = clock.moment
            watchClock(now)
            for message in messages { handle(message, now) }
            ring(now)
            advance(now)
            handOver()
            reportDrained()
        }
        // Nobody may wait for an answer that never comes.
        for message in mailbox.take() { message.refuse() }
    }

    private func sleepTime() -> Int32 {
        guard let nextAlarm else { return 5000 }
        return Int32(max(1, min(5000, (nextAlarm - clock.steady()).milliseconds)))
    }

    /// Has the queue looked at again at `moment`; nil: only when something happens to it.
    func setAlarm(_ number: PluginNumber, _ moment: Timestamp?) {
        alarms[number] = moment
        if let moment { nextAlarm = min(nextAlarm ?? moment, moment) }
    }

    /// Touches the queues whose time has come. With a thousand plugins that wait, this is not done every round.
    private func ring(_ now: Moment) {
        guard let moment = nextAlarm, moment <= now.steady else { return }
        for (number, alarm) in alarms where alarm <= now.steady { touched.insert(number) }
        for number in touched { alarms[number] = nil }
        nextAlarm = alarms.values.min()
    }

    /// Pulls waits in when the wall clock was set by more than two seconds.
    private func watchClock(_ now: Moment) {
        let drift = (now.wall - lastMoment.wall).milliseconds - (now.steady - lastMoment.steady).milliseconds
        lastMoment = now
        guard abs(drift) > 2000 else { return }
        log.warning("the clock was set", metadata: ["clock.by_ms": "\(drift)"])
        for number in queues.keys { pullIn(number, now) }
    }

    /// No retry may be further away than the longest backoff: at start, and when the clock was set.
    private func pullIn(_ number: PluginNumber, _ now: Moment) {
        let longest = (queues[number]?.plugin ?? writeBackRules).backoff.longest
        queues[number]?.clockSet(now: now, longest: RetryAfter.cap)
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
        case .marked(let tokens, let isStored): afterMarking(tokens, isStored: isStored, now)
        case .configure(let configuration): configure(configuration, now)
        case .pause(let number, let reason):
            queues[number]?.pause(because: reason)
            touched.insert(number)
        case .resume(let number):
            queues[number]?.resume(now: now)
            touched.insert(number)
        case .wake(let numbers):
            for number in selected(numbers) {
                queues[number]?.wake(now: now)
                touched.insert(number)
            }
        case .hold(let numbers, let done):
            let held = selected(numbers)
            for number in held {
                queues[number]?.hold()
                takeBack(number)
            }
            // What waits in the courier is not being sent: it comes back first.
            let mailbox = mailbox
            courier.recall(held.map(\.group)) { mailbox.post(.recalled(done)) }
        case .recalled(let done): done()
        case .goOn(let numbers):
            for number in selected(numbers) {
                queues[number]?.goOn()
                touched.insert(number)
            }
        case .report(let answer): answer(report(now))
        case .drain(let done):
            drained = done
            recall()
        case .abort: abort()
        case .stop: isStopping = true
        }
    }

    // MARK: What the operator wants

    private func configure(_ configuration: DispatchConfiguration, _ now: Moment) {
        mwdb = configuration.mwdb
        redaction = configuration.redaction
        builders = configuration.plugins.mapValues {
            RequestBuilder(plugin: $0, mwdb: configuration.mwdb, redaction: configuration.redaction)
        }
        settlings = configuration.plugins.mapValues {
            Settling(plugin: $0, mwdb: configuration.mwdb, redaction: configuration.redaction)
        }
        writeBackSettling = Settling(plugin: writeBackRules, mwdb: mwdb, redaction: redaction)
        for record in configuration.records {
            let number = record.number
            let plugin =
                number == .mwdb
                ? (mwdb?.apiKey == nil ? nil : writeBackRules) : configuration.plugins[number]
            touched.insert(number)
            guard queues[number] != nil else {
                queues[number] = PluginQueue(number: number, plugin: plugin, record: record, now: now)
                pullIn(number, now)
                continue
            }
            if queues[number]?.configure(plugin, now: now) == true {
                // What failed because of the old configuration need not wait out its backoff.
                outbox.pullIn(queue: number, latest: now.wall)
            }
        }
    }

    private func selected(_ numbers: Set<PluginNumber>?) -> [PluginNumber] {
        numbers.map(Array.init) ?? queues.keys
    }

    // MARK: Stopping

    /// Gives everything back that is claimed and not sent.
    private func recall() {
        for number in queues.keys {
            outbox.withdrawCredit(queue: number)
            if let released = queues[number]?.recall(), !released.isEmpty { outbox.release(released) }
        }
        courier.recall(queues.keys.map(\.group))
    }

    private func abort() {
        isAborting = true
        courier.cancel(Array(inFlight.keys) + Array(batches.keys))
    }

    private func reportDrained() {
        guard inFlight.isEmpty, batches.isEmpty, let done = drained else { return }
        drained = {}
        let last = lastStore
        Task {
            await last?.value
            done()
        }
    }

    // MARK: What the operator sees

    /// Name of a queue.
    func name(_ number: PluginNumber) -> String {
        number == .mwdb ? "mwdb" : builders[number]?.plugin.name ?? "plugin \(number.rawValue)"
    }

    private func report(_ now: Moment) -> [PluginNumber: PluginStatus] {
        queues.keys.reduce(into: [:]) { statuses, number in
            guard let queue = queues[number] else { return }
            let (state, reason) = queue.state(now)
            var status = PluginStatus(name: name(number), state: state, reason: reason)
            status.inFlight = queue.underWay(now)
            status.window = queue.windowSize
            status.isSuspended = queue.suspendedUntil != nil
            figures[number]?.fill(&status)
            statuses[number] = status
        }
    }
}
