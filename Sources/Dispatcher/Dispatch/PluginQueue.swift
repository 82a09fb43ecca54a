// One plugin's queue: what is claimed and not yet sent, how much may be in flight, and when the next attempt may
// start. Pure: time is a parameter, what to do is returned. A bad receiver can only fill its own queue.
//
// Credit is what the outbox may still hand out. It is given in `creditWanted`, used up by `offer`, and taken back
// whole when the queue closes; claims that were on their way then arrive without credit and are given back.

import DequeModule
import Model
import Outbox

/// A plugin's configuration by reference: it has dozens of parts, and a queue looks at one or another of them several
/// times a delivery.
final class Configured: Sendable {
    let plugin: Plugin

    init(_ plugin: Plugin) {
        self.plugin = plugin
    }
}

/// The queue of one plugin, or of MWDB's write-backs.
struct PluginQueue {
    /// The plugin's number in the outbox.
    let number: PluginNumber
    /// Its configuration; nil: gone or disabled, its backlog is held.
    private(set) var configured: Configured?
    /// What is configured.
    var plugin: Plugin? { configured?.plugin }
    /// Paused, and why.
    private(set) var pausedBecause: String?
    /// `Retry-After`: not before this moment.
    private(set) var notBefore: Timestamp?
    /// Answers say that the configuration is wrong.
    var misconfigured: String?
    /// Operations that must find nothing claimed in this queue.
    private(set) var holds = 0
    /// Requests being sent, those whose deliveries' marks are being stored included.
    var inFlight = 0

    /// Since when deliveries could be tried.
    private var openSince: Timestamp
    /// Since when the receiver is suspended.
    private var suspendedSince: Timestamp?
    private(set) var window: ConcurrencyWindow
    var bucket: RateBucket?
    var bucketOpens: Timestamp?
    var claimed: Deque<Claim> = []
    var claimedBytes = 0
    var inFlightBytes = 0
    private var samples = SamplesInFlight()
    /// The receiver answers again after an outage, and nobody has been told.
    private var isBack = false
    /// With `batch`: since when what is claimed waits.
    var forming = BatchForming()
    /// Parts of batches that were refused as a whole.
    var halves: Deque<[Claim]> = []
    /// Size of a usual event, slowly following.
    private var usualBytes = 1024
    private var pace = Pace()
    /// What has a rate or a mark is sent in the moment for which it was let go, a sample may need a fetch first, and
    /// batches are counted as requests: nothing of that lies ready in the courier.
    private var maySendAhead = false
    private var credit = 0
    private var isWithdrawn = false

    /// Most bytes of events that wait claimed, and that are in flight.
    static let mostBytes = 8 << 20
    /// A receiver that was suspended for so long was down, not just hiccuping.
    static let outage = Span.minutes(1)
    /// Most claims that wait ahead of being sent: as many as fit into the window once, or as are sent in the time in
    /// which the outbox may be busy with the disk.
    static let mostAhead = 1024
    static let claimAhead = Span.milliseconds(25)
    /// Requests that wait in the courier for another one to end: as many as end while this thread may not get to run.
    static let sendAhead = Span.milliseconds(4)

    /// The queue of `plugin` as the outbox remembers it.
    init(number: PluginNumber, plugin: Plugin?, record: PluginRecord?, now: Moment) {
        self.number = number
        pausedBecause = record?.pausedBecause
        notBefore = record?.notBefore
        openSince = now.wall
        window = ConcurrencyWindow(maximum: plugin?.concurrency ?? 1)
        configure(plugin, now: now)
    }

    /// Whether deliveries are tried at all.
    var isOpen: Bool { configured != nil && pausedBecause == nil && holds == 0 }
    /// In which order the outbox hands deliveries out. MWDB gets its write-backs in the order they were caused in.
    var drain: ClaimOrder {
        guard number != .mwdb else { return .oldest }
        switch configured?.plugin.drain {
        case .fair: return .fair
        case .lifo: return .newest
        case .fifo, nil: return .oldest
        }
    }
    /// Most deliveries that may be in flight now.
    var windowSize: Int { window.limit }
    /// Suspended until the next probe (steady clock).
    var suspendedUntil: Timestamp? { window.suspendedUntil }

    // MARK: What changes it

    /// Applies a configuration; nil when the plugin is gone or disabled.
    /// - Returns: Requests go elsewhere, or differently, than before: what waits because of failures should be tried
    ///   soon.
    @discardableResult
    mutating func configure(_ plugin: Plugin?, now: Moment) -> Bool {
        let old = self.plugin
        configured = plugin.flatMap { $0.enabled ? Configured($0) : nil }
        guard let plugin = self.plugin else { return false }
        if old?.batch != plugin.batch { reform() }
        if old == nil { openSince = now.wall }
        if bucket?.rate != plugin.rate { bucket = plugin.rate.map(RateBucket.init(rate:)) }
        bucketOpens = nil
        maySendAhead =
            number != .mwdb && plugin.rate == nil && plugin.onAmbiguous != .hold && !plugin.wantsContent
            && !plugin.batch.isOn
        window.maximum = max(1, plugin.concurrency)
        guard let old, !old.hasSameReceiver(as: plugin) else { return false }
        let hadTrouble = misconfigured != nil || suspendedSince != nil
        misconfigured = nil
        window = ConcurrencyWindow(maximum: plugin.concurrency)
        reopened(now)
        return hadTrouble
    }

    /// Pauses; what waits claimed is given back by `takeBack`.
    mutating func pause(because reason: String) {
        pausedBecause = reason
    }

    /// Resumes after a pause: what the receiver's silence or its `Retry-After` had closed is open again too.
    mutating func resume(now: Moment) {
        pausedBecause = nil
        notBefore = nil
        window.wake(now: now.steady)
        openSince = now.wall
    }

    /// Lets a suspended receiver be tried at once.
    mutating func wake(now: Moment) {
        window.wake(now: now.steady)
    }

    /// Closes the queue for the time of an operation; as many `goOn` open it again.
    mutating func hold() {
        holds += 1
    }

    /// Ends a `hold`.
    mutating func goOn() {
        holds = max(0, holds - 1)
    }

    /// `Retry-After`: nothing before `moment`.
    /// - Returns: That is later than before.
    mutating func wait(until moment: Timestamp) -> Bool {
        guard notBefore.map({ $0 < moment }) ?? true else { return false }
        notBefore = moment
        return true
    }

    /// The wall clock was set: no pause may last longer than `longest` from now on, and how long deliveries could be
    /// tried until now is not known.
    mutating func clockSet(now: Moment, longest: Span) {
        if let moment = notBefore, moment > now.wall + longest { notBefore = now.wall + longest }
        openSince = now.wall
        if suspendedSince != nil { suspendedSince = now.wall }
    }

    /// Takes a delivery that the outbox handed out.
    mutating func offer(_ claim: Claim) {
        credit = max(0, credit - 1)
        claimed.append(claim)
        if configured?.plugin.wantsContent == true { samples.expect(claim, sample: claim.event.file?.size) }
        claimedBytes += claim.body.count
        usualBytes += (claim.body.count - usualBytes) / 8
    }

    /// An attempt at `claim` ended with `signal`; nil when it says nothing about the receiver.
    mutating func finished(_ claim: Claim, _ signal: ConcurrencyWindow.Signal?, now: Moment, random: UInt64) {
        samples.remove(claim)
        finished(bytes: claim.body.count, signal, now: now, random: random)
    }

    /// A request with `bytes` of events ended with `signal`; nil when it says nothing about the receiver.
    mutating func finished(bytes: Int, _ signal: ConcurrencyWindow.Signal?, now: Moment, random: UInt64) {
        inFlight -= 1
        inFlightBytes -= bytes
        guard let signal else { return }
        pace.note(now.steady)
        window.record(signal, inFlight: underWay(now), now: now.steady, random: random)
        guard window.suspendedUntil == nil else {
            suspendedSince = suspendedSince ?? now.wall
            return
        }
        guard let since = suspendedSince else { return }
        reopened(now)
        if now.wall - since >= PluginQueue.outage { isBack = true }
    }

    /// Whether the receiver has come back after an outage since this was asked last: then what waits because of it need
    /// not wait out its backoff.
    mutating func cameBack() -> Bool {
        defer { isBack = false }
        return isBack
    }

    /// Deliveries in flight without those that wait in the courier for another one to end.
    func underWay(_ now: Moment) -> Int {
        max(min(inFlight, window.limit), inFlight - reach(now).ahead)
    }

    private mutating func reopened(_ now: Moment) {
        suspendedSince = nil
        openSince = now.wall
    }

    // MARK: What it decides

    /// The deliveries that may start at `now`, counted as in flight from here on.
    mutating func start(_ now: Moment) -> [Claim] {
        guard isOpen, !claimed.isEmpty, notBefore.map({ $0 <= now.wall }) ?? true else { return [] }
        var started: [Claim] = []
        let ahead = reach(now).ahead
        while let claim = claimed.first, window.room(inFlight: inFlight - ahead, now: now.steady) > 0 {
            // A single delivery may be larger than all that is allowed together.
            guard inFlight == 0 || haveRoom(for: claim) else { break }
            if case .wait(let until)? = bucket?.take(at: now.steady) {
                bucketOpens = until
                break
            }
            bucketOpens = nil
            claimed.removeFirst()
            claimedBytes -= claim.body.count
            inFlight += 1
            inFlightBytes += claim.body.count
            samples.add(claim)
            started.append(claim)
        }
        return started
    }

    /// How many requests the courier may have under way at once, and how many more may wait there; 0 and 0 when what
    /// waits there is to come back.
    func reach(_ now: Moment) -> (limit: Int, ahead: Int) {
        guard isOpen, notBefore.map({ $0 <= now.wall }) ?? true else { return (0, 0) }
        if let suspended = window.suspendedUntil { return (suspended <= now.steady ? 1 : 0, 0) }
        guard maySendAhead else { return (window.limit, 0) }
        return (window.limit, min(2 * window.limit, pace.attempts(within: PluginQueue.sendAhead)))
    }

    private func haveRoom(for claim: Claim) -> Bool {
        inFlightBytes + claim.body.count <= PluginQueue.mostBytes && samples.haveRoom(for: claim)
    }

    /// How many more deliveries the outbox should hand out; they are counted as promised.
    mutating func creditWanted(_ now: Moment) -> Int {
        guard isOpen else { return 0 }
        isWithdrawn = false
        var ahead = max(1, window.limit, pace.attempts(within: PluginQueue.claimAhead))
        ahead = min(PluginQueue.mostAhead, ahead)
        if let rate = bucket?.rate { ahead = min(ahead, max(1, rate.count)) }
        // Enough for a batch that is being formed, and for the next one.
        if let batch = configured?.plugin.batch, batch.isOn { ahead = 2 * batch.count }
        if notBefore.map({ $0 > now.wall }) ?? false { ahead = 1 }
        let fitting = (PluginQueue.mostBytes - claimedBytes) / max(1, usualBytes)
        ahead = min(ahead, claimed.count + max(claimed.isEmpty ? 1 : 0, fitting))
        let wanted = ahead - claimed.count - credit
        // Small refills would make the outbox read row by row.
        guard wanted > 0, wanted * 2 >= ahead || claimed.isEmpty else { return 0 }
        credit += wanted
        return wanted
    }

    /// When the queue is closed: gives back what is claimed and not sent, and says whether credit must be withdrawn.
    mutating func takeBack() -> (released: [DeliveryID], withdraw: Bool) {
        guard !isOpen else { return ([], false) }
        defer { isWithdrawn = true }
        return (recall(), !isWithdrawn)
    }

    /// Gives back what is claimed and not sent, and forgets its credit, whatever the queue's state.
    mutating func recall() -> [DeliveryID] {
        let released = claimed.map(\.delivery) + halves.joined().map(\.delivery)
        for claim in claimed { samples.forget(claim) }
        claimed.removeAll()
        halves.removeAll()
        forming.removeAll()
        claimedBytes = 0
        credit = 0
        return released
    }

    /// When something can start that cannot now, on the steady clock; nil: only an input can change that.
    func wakes(_ now: Moment) -> Timestamp? {
        guard isOpen, !claimed.isEmpty || !halves.isEmpty else { return nil }
        var moment = halves.isEmpty ? batchForms(now) : nil
        if let notBefore, notBefore > now.wall {
            let opens = now.steady + (notBefore - now.wall)
            moment = max(moment ?? opens, opens)
        }
        if let bucketOpens, bucketOpens > now.steady { moment = max(moment ?? bucketOpens, bucketOpens) }
        if let suspended = window.suspendedUntil, suspended > now.steady, inFlight == 0 {
            moment = max(moment ?? suspended, suspended)
        }
        return moment
    }

    /// For how long `claim` could have been tried since its last change, for `max_age`: time in which the queue was
    /// paused, suspended or waited for `Retry-After` does not count.
    func triedFor(_ claim: Claim, now: Timestamp) -> Span {
        var start = max(claim.updatedAt, openSince)
        if let notBefore, notBefore <= now { start = max(start, notBefore) }
        let end = suspendedSince.map { min($0, now) } ?? now
        return max(.milliseconds(0), end - start)
    }

    /// The state an operator sees, and why.
    func state(_ now: Moment) -> (PluginStatus.State, String?) {
        guard configured != nil else {
            let reason =
                number == .mwdb
                ? "write-backs wait: set [mwdb] url and api_key"
                : "not enabled in the configuration; its backlog is held"
            return (.disabled, reason)
        }
        if let pausedBecause { return (.paused, pausedBecause) }
        if let misconfigured { return (.misconfigured, misconfigured) }
        if window.suspendedUntil != nil { return (.suspended, "the receiver does not answer; probing it") }
        if let notBefore, notBefore > now.wall {
            return (.slowed, "the receiver asked to wait until \(notBefore.rfc3339)")
        }
        if let bucketOpens, bucketOpens > now.steady { return (.slowed, "at its rate") }
        return (.running, nil)
    }
}

extension Plugin {
    /// Whether requests go to the same place in the same way: what an operator changes to mend a broken plugin.
    func hasSameReceiver(as other: Plugin) -> Bool {
        url == other.url && method == other.method && headers == other.headers && transport == other.transport
            && secrets == other.secrets && success == other.success && successIf == other.successIf
            && deadIf == other.deadIf && body == other.body && template == other.template
            && fields == other.fields && file == other.file && contentType == other.contentType
            && batch == other.batch
    }
}
