// Pausing, stopping, dying, starting again, reloading: nothing is lost, and nothing hangs.

import Glibc
import Mailbox
import Model
import Outbox
import Settings
import Testing

@testable import Dispatcher

struct LifeTests {
    private let receiver = Receiver()

    private var hello: Plugin { .at(receiver.url("/hello"), name: "hello") }

    // MARK: Pausing

    @Test func goneHoldsTheBacklogUntilItIsResumed() async throws {
        receiver.on("/hello", .answers(410))
        let daemon = try await Daemon.started([hello])
        _ = await daemon.post(Sample.file("a"))
        #expect(daemon.log.wait(for: "plugin paused"))
        _ = await daemon.post(Sample.file("b"))
        #expect(try await daemon.status("hello").state == .paused)
        #expect(receiver.received().count == 1)
        #expect(try await daemon.stopped() == ["a/hello": .waiting, "b/hello": .ready])
        // Over a restart too.
        receiver.on("/hello", .answers(200))
        let again = try await Daemon.started([hello], in: daemon.folder)
        #expect(try await again.status("hello").state == .paused)
        #expect(receiver.received().count == 1)
        try await again.pipeline.resume("hello")
        #expect(receiver.wait(3, "/hello").count == 3)
        #expect(try await again.stopped() == ["a/hello": .delivered, "b/hello": .delivered])
    }

    @Test func anOperatorPausesAndResumes() async throws {
        let daemon = try await Daemon.started([hello])
        try await daemon.pipeline.pause("hello", because: "maintenance")
        _ = await daemon.post(Sample.file("a"))
        let status = try await daemon.status("hello")
        #expect(status.state == .paused && status.reason == "maintenance")
        #expect(receiver.received().isEmpty)
        try await daemon.pipeline.resume("hello")
        #expect(receiver.wait(1, "/hello").count == 1)
        await #expect(throws: PipelineError.self) { try await daemon.pipeline.pause("none", because: "x") }
        #expect(try await daemon.stopped() == ["a/hello": .delivered])
    }

    @Test func retryAfterHoldsTheWholePluginOverARestart() async throws {
        receiver.on("/hello", .answers(503, ["Retry-After: 3600"]))
        let daemon = try await Daemon.started([hello])
        _ = await daemon.post(Sample.file("a"))
        _ = receiver.wait(1, "/hello")
        try await daemon.wait("hello") { $0.state == .slowed }
        _ = await daemon.post(Sample.file("b"))
        await daemon.pipeline.stop(within: .seconds(20))
        let again = try await Daemon.started([hello], in: daemon.folder)
        #expect(try await again.status("hello").state == .slowed)
        #expect(receiver.received().count == 1)
        receiver.on("/hello", .answers(200))
        try await again.pipeline.resume("hello")
        #expect(receiver.wait(3, "/hello").count == 3)
        _ = try await again.stopped()
    }

    @Test func whatIsCalledOffIsNotSent() async throws {
        let daemon = try await Daemon.started([
            .at(receiver.url("/hello"), name: "hello") { $0.rate = Rate(count: 1, period: .hours(1)) }
        ])
        _ = await daemon.post(Sample.file("a"), Sample.file("b"), Sample.file("c"))
        _ = receiver.wait(1, "/hello")
        try await daemon.wait("hello") { $0.delivered > 0 }
        // The next one is claimed and waits for the rate.
        let count = try await daemon.pipeline.cancel(.matching(DeliveryFilter()))
        #expect(count == 2)
        // Without its rate the plugin would send whatever it still has.
        try await daemon.reload([hello])
        _ = await daemon.post(Sample.file("d"))
        _ = receiver.wait(2, "/hello")
        let states = try await daemon.stopped()
        #expect(
            states == [
                "a/hello": .delivered, "b/hello": .cancelled, "c/hello": .cancelled, "d/hello": .delivered,
            ])
        #expect(receiver.received().map(\.id) == ["a", "d"])
    }

    // MARK: Stopping and dying

    @Test func stoppingLetsWhatIsInFlightFinish() async throws {
        let gate = Gate()
        receiver.on("/hello", .waits(gate, 200))
        let daemon = try await Daemon.started([hello])
        _ = await daemon.post(Sample.file("a"))
        _ = receiver.wait(1, "/hello")
        async let states = daemon.stopped(within: .seconds(60))
        while daemon.pipeline.isReady { await Task.yield() }
        gate.open()
        #expect(try await states == ["a/hello": .delivered])
    }

    @Test func stoppingHandsBackWhatDoesNotFinish() async throws {
        let gate = Gate()
        defer { gate.open() }
        receiver.on("/hello", .waits(gate, 200))
        let daemon = try await Daemon.started([hello])
        _ = await daemon.post(Sample.file("a"), Sample.file("b"))
        _ = receiver.wait(2, "/hello")
        #expect(try await daemon.stopped(within: .milliseconds(0)) == ["a/hello": .ready, "b/hello": .ready])
        receiver.on("/hello", .answers(200))
        let again = try await Daemon.started([hello], in: daemon.folder)
        #expect(Set(receiver.wait(4, "/hello").suffix(2).map(\.id)) == ["a", "b"])
        #expect(try await again.stopped() == ["a/hello": .delivered, "b/hello": .delivered])
    }

    @Test func stoppingHoldsWhatMayHaveBeenActedOnWhereTheOperatorWantsIt() async throws {
        let gate = Gate()
        defer { gate.open() }
        receiver.on("/hello", .waits(gate, 200))
        let daemon = try await Daemon.started([
            .at(receiver.url("/hello"), name: "hello") { $0.onAmbiguous = .hold }
        ])
        _ = await daemon.post(Sample.file("a"))
        _ = receiver.wait(1, "/hello")
        #expect(try await daemon.stopped(within: .milliseconds(0)) == ["a/hello": .held])
    }

    @Test func aKilledDaemonsDeliveriesAreRepeatedWithTheirId() async throws {
        let gate = Gate()
        defer { gate.open() }
        receiver.on("/hello", .waits(gate, 200))
        let daemon = try await Daemon.started([hello])
        _ = await daemon.post(Sample.file("a"), Sample.file("b"))
        _ = receiver.wait(2, "/hello")
        let copy = try daemon.copied()
        receiver.on("/hello", .answers(200))
        let again = try await Daemon.started([hello], in: copy)
        #expect(Set(receiver.wait(4, "/hello").suffix(2).map(\.id)) == ["a", "b"])
        #expect(try await again.stopped() == ["a/hello": .delivered, "b/hello": .delivered])
        await daemon.pipeline.stop(within: .milliseconds(0))
    }

    @Test func aKilledDaemonsMarkedDeliveriesAreHeld() async throws {
        let gate = Gate()
        defer { gate.open() }
        receiver.on("/hello", .waits(gate, 200))
        let plugin = Plugin.at(receiver.url("/hello"), name: "hello") { $0.onAmbiguous = .hold }
        let daemon = try await Daemon.started([plugin])
        _ = await daemon.post(Sample.file("a"))
        _ = receiver.wait(1, "/hello")
        let again = try await Daemon.started([plugin], in: daemon.copied())
        #expect(try await again.stopped() == ["a/hello": .held])
        #expect(receiver.received().count == 1)
        await daemon.pipeline.stop(within: .milliseconds(0))
    }

    @Test func stoppingTwiceOrUnstartedDoesNotHang() async throws {
        let daemon = try Daemon([hello])
        await daemon.pipeline.stop(within: .seconds(60))
        await daemon.pipeline.stop(within: .seconds(60))
        #expect(daemon.pipeline.notReadyBecause == "stopping")
        let again = try await Daemon.started([hello], in: daemon.folder)
        await again.pipeline.stop(within: .seconds(60))
        #expect(await again.pipeline.figures().isEmpty)
    }

    @Test func afterStoppingNothingIsAccepted() async throws {
        let daemon = try await Daemon.started([hello])
        await daemon.pipeline.stop(within: .seconds(5))
        guard case .unavailable = await daemon.post(Sample.file("a")) else {
            Issue.record("it was accepted")
            return
        }
        await #expect(throws: (any Error).self) { try await daemon.reload([]) }
    }

    // MARK: Starting

    @Test func aSecondDaemonIsRefusedAndHarmsNothing() async throws {
        let daemon = try await Daemon.started([hello])
        do {
            _ = try Daemon([hello], in: daemon.folder)
            Issue.record("two daemons on one spool")
        } catch let error as PipelineError {
            #expect(error.description.contains("pid \(getpid())"))
        }
        _ = await daemon.post(Sample.file("a"))
        _ = receiver.wait(1, "/hello")
        #expect(try await daemon.stopped() == ["a/hello": .delivered])
    }

    @Test func aFailedStartLeavesNothingBehind() async throws {
        let daemon = try Daemon([hello])
        // Where subscriptions.json must go there is a folder.
        mkdir(daemon.spool.path + "/subscriptions.json", 0o700)
        await #expect(throws: PipelineError.self) { try await daemon.pipeline.start() }
        #expect(!daemon.pipeline.isReady)
        rmdir(daemon.spool.path + "/subscriptions.json")
        let again = try await Daemon.started([hello], in: daemon.folder)
        _ = await again.post(Sample.file("a"))
        #expect(receiver.wait(1, "/hello").count == 1)
        #expect(try await again.stopped() == ["a/hello": .delivered])
    }

    @Test func anOutboxInUseIsRefused() throws {
        let folder = Folder()
        let outbox = try Outbox(directory: folder.path + "/outbox", onClaims: { _ in }, onBroken: { _ in })
        #expect(throws: PipelineError.self) { try Daemon([], in: folder) }
        outbox.close()
        let daemon = try Daemon([], in: folder)
        #expect(daemon.pipeline.notReadyBecause == "starting")
    }

    @Test func theSourceIsToldWhatIsWanted() async throws {
        let daemon = try await Daemon.started([hello])
        let told = try JSON.parse(try #require(contents(daemon.spool.path + "/subscriptions.json")))
        #expect(told["hooks"] == .array([.string("on_created_file")]))
        try await daemon.reload([.named("all", hooks: ["*"])])
        let now = try JSON.parse(try #require(contents(daemon.spool.path + "/subscriptions.json")))
        #expect(now["hooks"] == .string("*"))
        await daemon.pipeline.stop(within: .seconds(5))
    }

    // MARK: Reloading

    @Test func aPluginThatIsGoneKeepsItsBacklogUntilItIsBack() async throws {
        receiver.on("/hello", .answers(500))
        let plugin = Plugin.at(receiver.url("/hello"), name: "hello") {
            $0.backoff = Backoff(shortest: .hours(1), longest: .hours(1))
        }
        let daemon = try await Daemon.started([plugin])
        _ = await daemon.post(Sample.file("a"))
        try await daemon.wait("hello") { $0.failed > 0 }
        try await daemon.reload([])
        #expect(daemon.log.all.contains { $0.contains("its backlog is held") && $0.contains("hello") })
        #expect(try await daemon.status("hello").state == .disabled)
        _ = await daemon.post(Sample.file("b"))
        receiver.on("/hello", .answers(200))
        try await daemon.reload([hello])
        _ = try await daemon.pipeline.retry(.matching(DeliveryFilter(states: [.waiting])))
        #expect(receiver.wait(2, "/hello").map(\.id) == ["a", "a"])
        #expect(try await daemon.stopped() == ["a/hello": .delivered], "it got nothing new while it was gone")
    }

    @Test func aMendedURLIsTriedAtOnce() async throws {
        receiver.on("/wrong", .answers(404))
        let wrong = Plugin.at(receiver.url("/wrong"), name: "hello") {
            $0.backoff = Backoff(shortest: .hours(1), longest: .hours(1))
        }
        let daemon = try await Daemon.started([wrong])
        _ = await daemon.post(Sample.file("a"))
        try await daemon.wait("hello") { $0.state == .misconfigured }
        try await daemon.reload([hello])
        #expect(receiver.wait(1, "/hello").map(\.id) == ["a"])
        #expect(try await daemon.stopped() == ["a/hello": .delivered])
    }

    @Test func anAnswerToAnOldConfigurationDoesNotStopTheNewOne() async throws {
        let gate = Gate()
        receiver.on("/old", .waits(gate, 410))
        let daemon = try await Daemon.started([.at(receiver.url("/old"), name: "hello")])
        _ = await daemon.post(Sample.file("a"))
        _ = receiver.wait(1, "/old")
        try await daemon.reload([hello])
        gate.open()
        #expect(receiver.wait(1, "/hello").map(\.id) == ["a"])
        #expect(try await daemon.status("hello").state == .running)
        #expect(try await daemon.stopped() == ["a/hello": .delivered])
    }

    @Test func aPluginRemovedInFlightStillWritesBack() async throws {
        let gate = Gate()
        receiver.on("/hello", .waits(gate, 200))
        let plugin = Plugin.at(receiver.url("/hello"), name: "hello") { $0.writeBacks = [.tag(.of("seen"))] }
        let mwdb = MWDBSettings(url: receiver.url("").dropSlash, apiKey: "key")
        let daemon = try await Daemon.started([plugin], mwdb: mwdb)
        _ = await daemon.post(Sample.file("a"))
        _ = receiver.wait(1, "/hello")
        try await daemon.reload([], mwdb: mwdb)
        gate.open()
        #expect(receiver.wait(1, "/api/file/\(Sample.hash("MZ"))/tag").count == 1)
        #expect(try await daemon.stopped() == ["a/hello": .delivered, "a/hello/1": .delivered])
    }

    @Test func whatNeedsARestartStaysAndIsSaid() async throws {
        let daemon = try await Daemon.started([hello])
        let old = daemon.pipeline.settings
        #expect(try await daemon.pipeline.reload(old).isEmpty)
        var settings = old
        settings.spool += "-other"
        settings.outbox += "-other"
        settings.listen = [.tcp(host: "127.0.0.1", port: 1)]
        settings.plugins = []
        let problems = try await daemon.pipeline.reload(settings)
        #expect(problems.map(\.key) == ["spool", "outbox", "listen"])
        #expect(problems.allSatisfy { $0.severity == .warning && $0.message.contains("restart") })
        #expect(problems[0].message.contains(old.spool))
        let now = daemon.pipeline.settings
        #expect((now.spool, now.outbox, now.listen) == (old.spool, old.outbox, old.listen))
        #expect(now.plugins.isEmpty, "everything else is applied")
        await daemon.pipeline.stop(within: .seconds(5))
    }

    @Test func reloadsAtTheSameTimeAgreeInTheEnd() async throws {
        let daemon = try await Daemon.started([hello])
        let receiver = receiver
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                group.addTask {
                    try? await daemon.reload([.at(receiver.url("/\(number)"), name: "hello")])
                }
            }
        }
        _ = await daemon.post(Sample.file("a"))
        // What is in force is where deliveries go.
        let url = try #require(daemon.pipeline.settings.plugin("hello")?.url.source)
        #expect(receiver.wait { !$0.isEmpty })
        #expect(url == receiver.url(receiver.received()[0].path))
        #expect(try await daemon.stopped() == ["a/hello": .delivered])
    }

    @Test func reloadsUnderLoadLoseAndRepeatNothing() async throws {
        let daemon = try await Daemon.started([hello])
        for number in 0..<20 {
            _ = await daemon.post(Sample.file("e\(number)"))
            try await daemon.reload([
                .at(receiver.url("/hello"), name: "hello") { $0.concurrency = 1 + number % 3 }
            ])
        }
        #expect(receiver.wait(20, "/hello").count == 20)
        let states = try await daemon.stopped()
        #expect(states.count == 20 && states.values.allSatisfy { $0 == .delivered })
        #expect(receiver.received().count == 20)
    }
}
