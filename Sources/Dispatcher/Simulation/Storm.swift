// A day's retry storm, simulated with a clock of its own: many plugins, a part of them with receivers that are down for
// hours and come back at the same moment. What decides is what decides in the daemon: `PluginQueue` with its window,
// rate and credit, `Verdict`, `Settling` with `RetryPolicy`, and the outbox's order of claims. Only the receivers and
// the events are made up. Pure: the same seed gives the same day.

import Model

/// What a day is like.
package struct Storm: Sendable {
    /// Plugins, each with a receiver of its own.
    package var plugins = 1_000
    /// One plugin in so many has a receiver that goes down.
    package var affectedOneIn = 3
    /// One event a plugin in this time, each at a random moment of it.
    package var interval = Span.minutes(1)
    /// The receivers are down from this moment of the day on …
    package var downFrom = Span.hours(6)
    /// … for so long.
    package var downFor = Span.hours(6)
    /// How long the day is.
    package var day = Span.hours(24)
    /// What chance there is.
    package var seed: UInt64 = 1

    /// The day of the issue: 1,000 plugins, a third down for six hours.
    package init() {}

    /// How a receiver is down.
    package enum Outage: Int, Sendable, CaseIterable {
        /// Connections are refused at once.
        case refuses
        /// Nothing answers: attempts run into `connect_timeout`.
        case hangs
        /// A proxy before it answers 503.
        case overloaded
    }

    /// Simulates the day. `progress` is called now and then with the plugins done.
    package func run(progress: (Int) -> Void = { _ in }) -> StormFigures {
        var figures = StormFigures(storm: self)
        for index in 0..<plugins {
            var plugin = StormPlugin(index, of: self)
            figures.add(plugin.run())
            if index % 100 == 99 { progress(index + 1) }
        }
        figures.finish()
        return figures
    }

    /// When the receivers come back, since the day's beginning.
    var upAgain: Span { downFrom + downFor }

    /// The plugin number `index`: a third without a rate, a third with 5 a second, a third with 10 a minute.
    func plugin(_ index: Int) -> Plugin {
        var plugin = Plugin(name: "plugin \(index)")
        plugin.rate =
            [
                nil, Rate(count: 5, period: .seconds(1)), Rate(count: 10, period: .minutes(1)),
            ][index / 3 % 3]
        return plugin
    }

    /// How the receiver of plugin `index` goes down; nil: it does not.
    func outage(_ index: Int) -> Outage? {
        guard index % affectedOneIn == 0 else { return nil }
        return Outage(rawValue: index / affectedOneIn / 3 % 3)
    }
}
