// What happened to one simulated plugin, as it happens.

import Model

/// One plugin's day.
struct StormCourse {
    let index: Int
    let outage: Storm.Outage?
    let rate: Rate?
    /// When attempts started, in milliseconds since the day's beginning.
    private(set) var starts: [Int64] = []
    /// Attempts while the receiver was down.
    private(set) var startedWhileDown = 0
    /// Longest time between an event's acceptance and its first attempt, outages apart.
    private(set) var longestWait = Span.milliseconds(0)
    /// First delivery after the outage, since its end.
    private(set) var firstSuccess: Span?
    /// How long events waited for their delivery that were accepted after the outage, while its backlog was there.
    private(set) var freshWaits: [Span] = []
    /// When the last event of the outage was delivered, since its end.
    private(set) var drained: Span?
    /// Deliveries that were given up, and those that still wait at the day's end.
    private(set) var (dead, pending) = (0, 0)
    /// More attempts were made in a period than `rate` allows.
    private(set) var exceedsRate = false
    private var fresh: [(accepted: Span, wait: Span)] = []
    private var upAgain = Span.milliseconds(0)

    init(index: Int, outage: Storm.Outage?, rate: Rate?) {
        self.index = index
        self.outage = outage
        self.rate = rate
    }

    /// An attempt starts; `waited` since the event was accepted.
    mutating func started(_ moment: Span, first: Bool, waited: Span, _ storm: Storm) {
        if let rate, starts.count >= rate.count,
            moment.milliseconds - starts[starts.count - rate.count] < rate.period.milliseconds
        {
            exceedsRate = true
        }
        starts.append(moment.milliseconds)
        if moment >= storm.downFrom, moment < storm.upAgain, outage != nil { startedWhileDown += 1 }
        if first, outage == nil || moment < storm.downFrom { longestWait = max(longestWait, waited) }
    }

    /// A delivery succeeded.
    mutating func delivered(_ moment: Span, accepted: Span, _ storm: Storm) {
        guard outage != nil, moment >= storm.upAgain else { return }
        upAgain = storm.upAgain
        firstSuccess = firstSuccess ?? Span(milliseconds: moment.milliseconds - upAgain.milliseconds)
        if accepted >= upAgain {
            fresh.append((accepted, Span(milliseconds: moment.milliseconds - accepted.milliseconds)))
        } else {
            drained = Span(milliseconds: moment.milliseconds - upAgain.milliseconds)
        }
    }

    /// The day is over.
    mutating func finish(_ backlog: StormBacklog) {
        (dead, pending) = (backlog.dead, backlog.pending)
        let end = upAgain + (drained ?? .milliseconds(0))
        let start = upAgain + (firstSuccess ?? .milliseconds(0))
        freshWaits = fresh.filter { $0.accepted >= start && $0.accepted <= end }.map(\.wait)
        fresh = []
    }
}
