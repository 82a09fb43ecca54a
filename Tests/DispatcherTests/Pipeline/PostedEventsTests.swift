// Events over HTTP: all or nothing, and the same rules as for the spool.

import Model
import Outbox
import Settings
import Testing

@testable import Dispatcher

struct PostedEventsTests {
    private func daemon(_ hooks: [String] = ["*"]) async throws -> Daemon {
        let daemon = try await Daemon.started([.named("p", hooks: hooks)])
        try await daemon.pipeline.pause("p", because: "test")
        return daemon
    }

    private func accept(_ daemon: Daemon, _ text: String, lines: Bool = true) async -> IntakeAnswer {
        await daemon.pipeline.accept(Array(text.utf8), lines: lines)
    }

    private func text(_ line: [UInt8]) -> String { String(decoding: line, as: UTF8.self) }

    @Test func whatIsAcceptedIsStoredOnce() async throws {
        let daemon = try await daemon()
        #expect(await daemon.post(Sample.file("a"), Sample.file("b")) == .accepted(count: 2, duplicates: 0))
        #expect(await daemon.post(Sample.file("b"), Sample.file("c")) == .accepted(count: 1, duplicates: 1))
        #expect(await daemon.post(Sample.file("c")) == .accepted(count: 0, duplicates: 1))
        let figures = daemon.pipeline.intakeFigures()
        #expect(figures.accepted == 3 && figures.duplicates == 2)
        #expect(try await daemon.stopped().keys.sorted() == ["a/p", "b/p", "c/p"])
    }

    @Test func oneBadLineRefusesAll() async throws {
        let daemon = try await daemon()
        let answer = await accept(daemon, text(Sample.file("a")) + "\nbad\n\n{}\n")
        guard case .invalid(let problems, count: 2) = answer else {
            Issue.record("it was \(answer)")
            return
        }
        #expect(problems.map(\.line) == [2, 4])
        #expect(try await daemon.stopped() == [:])
    }

    @Test func aConflictRefusesAll() async throws {
        let daemon = try await daemon()
        _ = await daemon.post(Sample.file("a"))
        let answer = await daemon.post(Sample.file("b"), Sample.file("a", name: "other.exe"))
        guard case .conflict(let problems, count: 1) = answer else {
            Issue.record("it was \(answer)")
            return
        }
        #expect(problems.map(\.line) == [2])
        guard case .conflict = await daemon.post(Sample.file("a", name: "other.exe")) else {
            Issue.record("alone it was accepted")
            return
        }
        #expect(daemon.pipeline.intakeFigures().conflicts == 2)
        #expect(try await daemon.stopped().keys.sorted() == ["a/p"])
    }

    @Test func whiteSpaceIsNoDifference() async throws {
        let daemon = try await daemon()
        _ = await daemon.post(Sample.file("a"))
        let line = text(Sample.file("a"))
        #expect(await accept(daemon, "\r\n" + line + "\r\n\r\n") == .accepted(count: 0, duplicates: 1))
        #expect(
            await accept(daemon, " \n" + line + "\r\n\t", lines: false) == .accepted(count: 0, duplicates: 1))
        daemon.spool.put("1.ndjson", [Sample.file("a") + [13], Sample.file("b")])
        while daemon.pipeline.intakeFigures().files == 0 { await Task.yield() }
        #expect(daemon.pipeline.intakeFigures().conflicts == 0)
        _ = try await daemon.stopped()
    }

    @Test func aPrettyEventBecomesALine() async throws {
        let daemon = try await daemon()
        let pretty = "{\n  \"id\": \"a\",\r\n  \"type\": \"on_created_user\",\n  \"data\": {}\n}\n"
        #expect(await accept(daemon, pretty, lines: false) == .accepted(count: 1, duplicates: 0))
        #expect(try await daemon.stopped().keys.sorted() == ["a/p"])
    }

    @Test(arguments: ["\n", "\r"])
    func aRawLineBreakInAStringIsNoJSON(_ lineBreak: String) async throws {
        let daemon = try await daemon()
        let event = #"{"id":"a","type":"on_created_user","data":{"user":{"login":"a\#(lineBreak)b"}}}"#
        guard case .invalid(let problems, count: 1) = await accept(daemon, event, lines: false) else {
            Issue.record("it was accepted")
            return
        }
        #expect(problems[0].message.contains("control character"))
        #expect(try await daemon.stopped() == [:])
    }

    @Test func moreLinesThanABodyMayHaveAreTooLargeAndTheMostAreNot() async throws {
        let daemon = try await daemon()
        let most = String(repeating: "x\n", count: PostedEvents.mostLines)
        // The most are looked at, and all of them counted, though an answer names the first only.
        guard case .invalid(let problems, PostedEvents.mostLines) = await accept(daemon, "\n\n" + most) else {
            Issue.record("they were not looked at")
            return
        }
        #expect(problems.count == 100)
        #expect(daemon.pipeline.intakeFigures().rejected == Int64(PostedEvents.mostLines))
        guard case .tooLarge(let reason) = await accept(daemon, most + "x") else {
            Issue.record("they were looked at")
            return
        }
        #expect(reason.contains("50000 lines"))
        _ = try await daemon.stopped()
    }

    @Test(arguments: ["", "\n\n", " \t\r\n"])
    func anEmptyBodyIsInvalid(_ body: String) async throws {
        let daemon = try await daemon()
        for lines in [true, false] where !(lines && body == " \t\r\n") {
            guard case .invalid = await accept(daemon, body, lines: lines) else {
                Issue.record("it was accepted")
                return
            }
        }
        _ = try await daemon.stopped()
    }

    @Test func anEventOverTheLimitIsTooLarge() async throws {
        let folder = Folder()
        var settings = Daemon.settings([], nil, folder)
        settings.maximumEventSize = 400
        let daemon = try await Daemon.started([], in: folder)
        try await daemon.pipeline.reload(settings)
        let large = Sample.file("a", name: String(repeating: "x", count: 400))
        guard case .tooLarge = await daemon.post(large) else {
            Issue.record("it was accepted")
            return
        }
        _ = try await daemon.stopped()
    }

    @Test func withoutRoomNothingIsAcceptedAndItGoesOnByItself() async throws {
        let folder = Folder()
        let daemon = try await Daemon.started([], in: folder)
        var settings = Daemon.settings([], nil, folder)
        settings.minimumFreeSpace = .max
        try await daemon.pipeline.reload(settings)
        guard case .unavailable(let reason) = await daemon.post(Sample.file("a")) else {
            Issue.record("it was accepted")
            return
        }
        #expect(reason.contains("min_free_space"))
        #expect(daemon.pipeline.notReadyBecause == reason)
        settings.minimumFreeSpace = 0
        try await daemon.pipeline.reload(settings)
        #expect(await daemon.post(Sample.file("a")) == .accepted(count: 1, duplicates: 0))
        _ = try await daemon.stopped()
    }

    @Test func whatTheOutboxItselfSaysIsShownUntilItStoresAgain() async throws {
        let daemon = try await daemon()
        daemon.pipeline.disk.note(.full("no space"))
        #expect(daemon.pipeline.notReadyBecause?.contains("no space") == true)
        #expect(daemon.pipeline.intakeFigures().refusedBecause == daemon.pipeline.notReadyBecause)
        #expect(await daemon.post(Sample.file("a")) == .accepted(count: 1, duplicates: 0))
        #expect(daemon.pipeline.isReady && daemon.pipeline.intakeFigures().refusedBecause == nil)
        daemon.pipeline.disk.note(.full("no space"))
        daemon.spool.put("1.ndjson", [Sample.file("b")])
        while daemon.pipeline.intakeFigures().accepted < 2 { await Task.yield() }
        #expect(daemon.pipeline.isReady)
        _ = try await daemon.stopped()
    }

    @Test func aHookThatIsNotKnownIsAcceptedAndLoggedOnce() async throws {
        let daemon = try await daemon()
        for number in 0..<3 { _ = await daemon.post(Sample.line("e\(number)", "on_created_dream", data: [])) }
        #expect(daemon.log.all.count { $0.contains("on_created_dream") } == 1)
        #expect(try await daemon.stopped().count == 3)
    }
}
