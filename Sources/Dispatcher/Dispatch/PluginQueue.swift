// One plugin's queue: what is claimed and not yet sent, how much may be in flight, and when the next attempt may
// start. Pure: time is a parameter, what to do is returned. A bad receiver can only fill its own queue.

import DequeModule
import Model
import Outbox

/// The moments that queue rules need: the wall clock for what is stored, a steady one for rates and windows,
/// which a clock that is set must not disturb.
struct Moment: Sendable {
    /// Wall clock.
    var wall: Timestamp
    /// Advances evenly whatever happens to the wall clock.
    var steady: Timestamp
}

/// The queue of one plugin, or of MWDB's write-backs.
struct PluginQueue {
    /// The plugin's number in the outbox.
    let number: PluginNumber
    /// Its configuration; nil: gone or disabled, its backlog is held.
    private(set) var plugin: Plugin?
    /// Paused, and why.
    private(set) var pausedBecause: String?
    /// `Retry-After`: not before this moment.
    private(set) var notBefore: Timestamp?
    /// Answers say that the configuration is wrong.
    var misconfigured: String?
    /// Deliveries being sent, those whose mark is being stored included.
    private(set) var inFlight = 0
    /// Since when deliveries could be tried, for `max_age`.
    private(set) var openSince: Timestamp

    private var window: ConcurrencyWindow
    private var bucket: RateBucket?
    private var bucketOpens: Timestamp?
    private var claimed: Deque<Claim> = []
    private var claimedBytes = 0
    private var credit = 0
    private var withdrawn = false

    /// Most bytes of events that wait claimed.
    private static let mostBytes = 8 << 20
    /// Most claims that wait ahead of being sent.
    private static let mostAhead = 256

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
    var isOpen: Bool { plugin != nil && pausedBecause == nil }
    /// Most deliveries that may be in flight now.
    func windowSize(_ now: Moment) -> Int { window.room(inFlight: 0, now: now.steady) }
    /// Suspended until the next probe.
    var suspendedUntil: Timestamp? { window.suspendedUntil }

    // MARK: What changes it

    /// Applies a configuration; nil when the plugin is gone or disabled.
    mutating func configure(_ plugin: Plugin?, now: Moment) {
        let enabled = plugin.flatMap { $0.enabled ? $0 : nil }
        if self.plugin == nil && enabled != nil { openSince = now.wall }
        if let enabled {
            window.maximum = enabled.concurrency
            if bucket?.rate != enabled.rate { bucket = enabled.rate.map(RateBucket.init(rate:)) }
            bucketOpens = nil
            if self.plugin?.url != enabled.url || self.plugin?.headers != enabled.headers {
                misconfigured = nil
            }
        }
        self.plugin = enabled
    }

    /// Pauses; what waits claimed is given back by `takeBack`.
    mutating func pause(because reason: String) {
        pausedBecause = reason
    }

    /// Resumes after a pause.
    mutating func resume(now: Moment) {
        pausedBecause = nil
        notBefore = nil
        openSince = now.wall
    }

    /// `Retry-After`: nothing before `moment`.
    mutating func wait(until moment: Timestamp) {
        if notBefore.map({ $0 < moment }) ?? true { notBefore = moment }
    }

    /// The wall clock was set: no pause may last longer than `longest` from now on.
    mutating func clockSet(now: Moment, longest: Span) {
        if let moment = notBefore, moment > now.wall + longest { notBefore = now.wall + longest }
        openSince = min(openSince, now.wall)
    }

    /// Takes deliveries that the outbox handed out against this queue's credit.
    mutating func offer(_ claim: Claim) {
        credit = max(0, credit - 1)
        claimed.append(claim)
        claimedBytes += claim.body.count
    }

    /// An attempt ended with `signal`; nil when it says nothing about the receiver (cancelled).
    mutating func finished(_ signal: ConcurrencyWindow.Signal?, now: Moment, random: UInt64) {
        inFlight -= 1
        guard let signal else { return }
        let wasSuspended = window.suspendedUntil != nil
        window.record(signal, inFlight: inFlight, now: now.steady, random: random)
        if wasSuspended && window.suspendedUntil == nil { openSince = now.wall }
    }

    // MARK: What it decides

    /// The deliveries that may start at `now`, counted as in flight from here on.
    mutating func start(_ now: Moment) -> [Claim] {
        guard isOpen, !claimed.isEmpty, notBefore.map({ $0 <= now.wall }) ?? true else { return [] }
        var room = window.room(inFlight: inFlight, now: now.steady)
        var started: [Claim] = []
        while room > 0, !claimed.isEmpty {
            if case .wait(let until)? = bucket?.take(at: now.steady) {
                bucketOpens = until
                break
            }
            bucketOpens = nil
            let claim = claimed.removeFirst()
            claimedBytes -= claim.body.count
            started.append(claim)
            room -= 1
        }
        inFlight += started.count
        return started
    }

    /// How many more deliveries the outbox should hand out; they are counted as promised.
    mutating func creditWanted(_ now: Moment) -> Int {
        guard isOpen, claimedBytes < PluginQueue.mostBytes else { return 0 }
        withdrawn = false
        let size = window.room(inFlight: 0, now: now.steady)
        var ahead = min(PluginQueue.mostAhead, max(1, size))
        if let rate = bucket?.rate { ahead = min(ahead, max(1, rate.count)) }
        if notBefore.map({ $0 > now.wall }) ?? false || window.suspendedUntil != nil { ahead = 1 }
        let wanted = ahead - claimed.count - credit
        // Small refills would make the outbox read row by row.
        guard wanted > 0, wanted * 2 >= ahead || claimed.isEmpty else { return 0 }
        credit += wanted
        return wanted
    }

    /// Gives back what is claimed and not sent, and says whether credit must be withdrawn, when the queue is closed.
    mutating func takeBack() -> (released: [DeliveryID], withdraw: Bool) {
        guard !isOpen else { return ([], false) }
        let released = claimed.map(\.delivery)
        claimed.removeAll()
        claimedBytes = 0
        credit = 0
        defer { withdrawn = true }
        return (released, !withdrawn)
    }

    /// Empties the queue whatever its state: the daemon stops.
    mutating func drain() -> [DeliveryID] {
        let released = claimed.map(\.delivery)
        claimed.removeAll()
        claimedBytes = 0
        return released
    }

    /// When something can start that cannot now, on the steady clock; nil: only an input can change that.
    func wakes(_ now: Moment) -> Timestamp? {
        guard isOpen, !claimed.isEmpty else { return nil }
        var moment: Timestamp?
        if let notBefore, notBefore > now.wall { moment = now.steady + (notBefore - now.wall) }
        if let bucketOpens, bucketOpens > now.steady { moment = max(moment ?? bucketOpens, bucketOpens) }
        if let suspended = window.suspendedUntil, suspended > now.steady, inFlight == 0 {
            moment = max(moment ?? suspended, suspended)
        }
        return moment
    }

    /// The state an operator sees, and why.
    func state(_ now: Moment) -> (PluginStatus.State, String?) {
        guard plugin != nil else {
            return (.disabled, "not enabled in the configuration; its backlog is held")
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
