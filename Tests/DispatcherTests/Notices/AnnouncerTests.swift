// Operational events through a whole dispatcher: to others, never to the plugin itself, never in a circle.

import Mailbox
import Model
import Outbox
import Testing

@testable import Dispatcher

struct AnnouncerTests {
    private let receiver = Receiver()

    private var watched: Plugin {
        .at(receiver.url("/watched"), name: "watched", hooks: ["on_created_file", "delivery.dead"])
    }
    private var watcher: Plugin {
        .at(receiver.url("/watcher"), name: "watcher", hooks: ["delivery.dead", "plugin.paused"])
    }

    @Test func aDeathIsToldToOthersOnly() async throws {
        receiver.on("/watched", .answers(400))
        receiver.on("/watcher", .answers(400))
        let daemon = try await Daemon.started([watched, watcher])
        _ = await daemon.post(Sample.file("a"))
        try await daemon.wait("watched") { $0.dead == 1 }
        _ = await daemon.pipeline.announcer.announce([])
        let told = try #require(receiver.wait(1, "/watcher").first)
        #expect(
            told.text.contains(#""type":"delivery.dead""#) && told.text.contains(#""delivery":"a/watched""#))
        // The watcher refuses it: that is no news.
        try await daemon.wait("watcher") { $0.dead == 1 }
        _ = await daemon.pipeline.announcer.announce([])
        let states = try await daemon.stopped()
        #expect(states.count == 2 && states["a/watched"] == .dead && states["\(told.id)/watcher"] == .dead)
        #expect(receiver.received("/watched").count == 1)
    }

    @Test func withoutASubscriberNothingIsStored() async throws {
        receiver.on("/watched", .answers(400))
        let daemon = try await Daemon.started([watched])
        _ = await daemon.post(Sample.file("a"))
        try await daemon.wait("watched") { $0.dead == 1 }
        _ = await daemon.pipeline.announcer.announce([])
        #expect(try await daemon.pipeline.reader.events().items.map(\.id) == ["a"])
        _ = try await daemon.stopped()
    }

    @Test func whatCannotBeStoredIsTriedAgain() async throws {
        let log = LogBox()
        let (stored, isFull) = (Lock<[String]>([]), Lock(true))
        let rules = Lock(NoticeRules())
        rules.withLock { $0.died("a/x", of: "x", because: "400", now: Timestamp(milliseconds: 0)) }
        let announcer = Announcer(
            rules: rules, clock: TestClock().clock, log: log.logger, statuses: { [] },
            figures: { IntakeFigures() }, disk: { (nil, 0, "/") },
            route: { event, _ in Arrival(event: event, plugins: [PluginNumber(1)]) },
            append: { arrivals throws(OutboxError) in
                if isFull.withLock({ $0 }) { throw .full("no room") }
                stored.withLock { $0 += arrivals.map(\.event.type) }
            })
        let unsent = await announcer.announce([])
        #expect(unsent.count == 1 && stored.withLock { $0 }.isEmpty)
        #expect(log.wait(for: "operational events cannot be stored, trying again"))
        isFull.withLock { $0 = false }
        #expect(await announcer.announce(unsent).isEmpty)
        #expect(stored.withLock { $0 } == ["delivery.dead"])
    }
}
