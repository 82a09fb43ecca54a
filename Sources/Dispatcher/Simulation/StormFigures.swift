// What a simulated day came to: the figures that the rules have to answer for.

import Model

/// Figures of a simulated day.
package struct StormFigures: Sendable {
    /// The day.
    package let storm: Storm
    /// Attempts of plugins whose receivers were never down.
    package private(set) var healthyAttempts = 0
    /// The longest that a healthy plugin's event waited for its first attempt.
    package private(set) var healthyWait = Span.milliseconds(0)
    /// Attempts at each receiver while it was down.
    package private(set) var attemptsWhileDown: [Int] = []
    /// Deliveries given up, and deliveries that still waited at the day's end.
    package private(set) var (dead, pending) = (0, 0)
    /// Plugins that made more attempts in a period than their rate allows.
    package private(set) var exceedingRate = 0
    /// Attempts in each second of the day, of all plugins.
    package private(set) var load: [Int]
    /// What came after the outage, by rate.
    package private(set) var recoveries: [Recovery]

    /// How plugins of one rate recovered.
    package struct Recovery: Sendable {
        /// Its rate in words.
        package let name: String
        /// Time from the outage's end to the first delivery.
        package fileprivate(set) var firstSuccess: [Span] = []
        /// Time from the outage's end until the last event of the outage was delivered.
        package fileprivate(set) var drained: [Span] = []
        /// How long fresh events waited while the backlog was worked off.
        package fileprivate(set) var freshWaits: [Span] = []
        /// Attempts at each receiver in each minute after the outage.
        package fileprivate(set) var minutes: [[Int]] = []
        /// Attempts at each receiver in the busiest second of each minute after the outage.
        package fileprivate(set) var busiest: [[Int]] = []
    }

    /// Minutes after the outage that are looked at.
    package static let watched = 180
    private static let rates = ["no rate", "5/s", "10/m"]

    init(storm: Storm) {
        self.storm = storm
        load = Array(repeating: 0, count: Int(storm.day.milliseconds / 1000) + 1)
        recoveries = Self.rates.map { Recovery(name: $0) }
    }

    mutating func add(_ course: StormCourse) {
        for start in course.starts where start / 1000 < load.count { load[Int(start / 1000)] += 1 }
        dead += course.dead
        pending += course.pending
        if course.exceedsRate { exceedingRate += 1 }
        healthyWait = max(healthyWait, course.longestWait)
        guard course.outage != nil else {
            healthyAttempts += course.starts.count
            return
        }
        attemptsWhileDown.append(course.startedWhileDown)
        let place = course.rate == nil ? 0 : course.rate?.count == 5 ? 1 : 2
        recoveries[place].add(course, from: storm.upAgain)
    }

    mutating func finish() {
        attemptsWhileDown.sort()
        for place in recoveries.indices { recoveries[place].sort() }
    }
}

extension StormFigures.Recovery {
    /// Requests a second to a receiver, minute by minute after the outage: the middle one's and the largest of the
    /// mean over a minute, and the largest of a single second.
    package var requests: [(median: Double, most: Double, second: Double)] {
        (0..<StormFigures.watched).map { minute in
            let means = minutes.map { Double($0[minute]) / 60 }.sorted()
            let most = busiest.map { $0[minute] }.max() ?? 0
            return (means.isEmpty ? 0 : means[means.count / 2], means.last ?? 0, Double(most))
        }
    }

    fileprivate mutating func add(_ course: StormCourse, from upAgain: Span) {
        if let span = course.firstSuccess { firstSuccess.append(span) }
        if let span = course.drained { drained.append(span) }
        freshWaits += course.freshWaits
        var seconds = Array(repeating: 0, count: StormFigures.watched * 60)
        for start in course.starts {
            let second = (start - upAgain.milliseconds) / 1000
            if start >= upAgain.milliseconds, second < seconds.count { seconds[Int(second)] += 1 }
        }
        let parts = (0..<StormFigures.watched).map { seconds[$0 * 60..<($0 + 1) * 60] }
        minutes.append(parts.map { $0.reduce(0, +) })
        busiest.append(parts.map { $0.max() ?? 0 })
    }

    fileprivate mutating func sort() {
        firstSuccess.sort()
        drained.sort()
        freshWaits.sort()
    }
}
