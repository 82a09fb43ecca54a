// Operational events on their way: every few seconds a look at the dispatcher, what the rules let through becomes an
// event, and goes the ordinary durable way, router, outbox, deliveries. The plugin it is about is left out.
// Failure: an event that cannot be stored is kept and tried again at the next look; beyond a hundred the oldest go,
// and the log says so.

import Logging
import Mailbox
import Model
import Outbox

/// Announces what happens to the dispatcher itself.
struct Announcer: Sendable {
    /// What was noticed; dispatch adds to it.
    let rules: Lock<NoticeRules>
    /// Both clocks.
    let clock: Clock
    /// Where problems are told.
    let log: Logger
    /// How the plugins stand.
    let statuses: @Sendable () async -> [PluginStatus]
    /// Intake's counters.
    let figures: @Sendable () -> IntakeFigures
    /// Free bytes on the outbox's disk, how many must stay free, and the folder.
    let disk: @Sendable () -> (free: Int64?, limit: Int64, folder: String)
    /// Which plugins get an event, apart from the one it is about.
    let route: @Sendable (Event, String?) -> Arrival
    /// Stores events.
    let append: @Sendable ([Arrival]) async throws(OutboxError) -> Void

    /// Pause between two looks.
    static let pause = Span.seconds(5)
    /// Most events that wait for an outbox which cannot store them.
    private static let mostUnsent = 100

    /// Looks and announces until the task is cancelled.
    func run() async {
        var unsent: [Arrival] = []
        while !Task.isCancelled {
            unsent = await announce(unsent)
            // Cancelled: the loop ends.
            try? await Task.sleep(for: .milliseconds(Self.pause.milliseconds))
        }
    }

    /// One look; returns what could not be stored, `unsent` included.
    func announce(_ unsent: [Arrival]) async -> [Arrival] {
        let statuses = await statuses()
        let figures = figures()
        let disk = disk()
        let now = clock.moment
        let notices = rules.withLock { rules in
            rules.look(at: statuses, now: now.wall)
            rules.look(at: figures, now: now.wall)
            rules.look(atFree: disk.free, limit: disk.limit, folder: disk.folder)
            return rules.due(now.steady)
        }
        var generator = SystemRandomNumberGenerator()
        var arrivals = unsent
        for notice in notices {
            let event = notice.event(now: now.wall, random: (generator.next(), generator.next()))
            let arrival = route(event, notice.plugin)
            // Nobody subscribed: there is nothing to store.
            if !arrival.plugins.isEmpty { arrivals.append(arrival) }
        }
        guard !arrivals.isEmpty else { return [] }
        do throws(OutboxError) {
            try await append(arrivals)
            return []
        } catch {
            guard error != .closed else { return [] }
            log.error(
                "operational events cannot be stored, trying again",
                metadata: ["error": "\(error)", "events": "\(arrivals.count)"])
            return arrivals.suffix(Self.mostUnsent)
        }
    }
}
