// From files in the spool to the outbox: nothing is removed before it is stored, whatever happens.
// `SpoolIntake.stop` returns when everything that was handed over is dealt with: no test needs to sleep.

import Glibc
import Logging
import Mailbox
import Model
import Outbox
import Testing

@testable import Dispatcher

struct SpoolIntakeTests {
    private let folder = Folder()
    private let time = TestClock()
    private let outbox = FakeOutbox()
    private let figures = Lock(IntakeFigures())

    private func intake(
        _ spool: SpoolFolder, refusal: @escaping @Sendable () -> String? = { nil }, log: Logger = .silent
    ) -> SpoolIntake {
        let outbox = outbox
        return SpoolIntake(
            SpoolIntake.Surroundings(
                spool: spool, lineLimit: { 100_000 }, figures: figures, log: log, clock: time.clock,
                route: { Arrival(event: $0, plugins: [PluginNumber(1)]) }, refusal: refusal,
                append: { outbox.append($0, $1) }))
    }

    private var counted: IntakeFigures { figures.withLock { $0 } }

    @Test func filesThatAreThereAreTakenInTheirOrder() throws {
        let spool = try folder.spool()
        spool.put("2.ndjson", [Sample.file("c"), Sample.file("d")])
        spool.put("1.ndjson", [Sample.file("a"), Sample.file("b")])
        spool.put("3.ndjson", [Sample.file("e")])
        let intake = intake(spool)
        try intake.start()
        #expect(outbox.wait(for: 5) == ["a", "b", "c", "d", "e"])
        intake.stop()
        #expect(spool.waiting == [])
        #expect(counted.accepted == 5 && counted.files == 3)
        #expect(counted.takenUntil == nil || counted.takenUntil == .at(0))
    }

    @Test func filesThatAppearAreTakenAtOnce() throws {
        let spool = try folder.spool()
        spool.put("1.ndjson", [Sample.file("a")])
        let intake = intake(spool)
        try intake.start()
        #expect(outbox.wait(for: 1) == ["a"])
        // The clock stands still, so no sweep finds it: only the watch can.
        spool.put("2.ndjson", [Sample.file("b")])
        #expect(outbox.wait(for: 1) == ["b"])
        intake.stop()
        #expect(spool.waiting == [])
    }

    @Test func aLargeFileIsTakenInBatches() throws {
        let spool = try folder.spool()
        spool.put("1.ndjson", (0..<2500).map { Sample.file("e\($0)") })
        let intake = intake(spool)
        try intake.start()
        #expect(outbox.wait(for: 2500) == (0..<2500).map { "e\($0)" })
        intake.stop()
        #expect(spool.waiting == [])
    }

    @Test func aGoodLineBesideABadOneIsAccepted() throws {
        let spool = try folder.spool()
        spool.put("1.ndjson", [Sample.file("a"), Array("bad".utf8), Sample.file("b")])
        let intake = intake(spool)
        try intake.start()
        #expect(outbox.wait(for: 2) == ["a", "b"])
        intake.stop()
        #expect(spool.waiting == [])
        #expect(contents(spool.rejected + "/1.ndjson") == Array("bad\n".utf8))
        let reason = try #require(contents(spool.rejected + "/1.ndjson.reason"))
        #expect(String(decoding: reason, as: UTF8.self).hasPrefix("line 2: no event"))
        #expect(counted.rejected == 1 && counted.rejectedFiles == 1)
    }

    @Test func aConflictIsRejectedAndADuplicateIsNot() throws {
        let spool = try folder.spool()
        spool.put(
            "1.ndjson", [Sample.file("a"), Sample.file("a"), Sample.file("a", name: "other.exe")])
        let intake = intake(spool)
        try intake.start()
        _ = outbox.wait(for: 3)
        intake.stop()
        #expect(counted.accepted == 1 && counted.duplicates == 1 && counted.conflicts == 1)
        #expect(contents(spool.rejected + "/1.ndjson") == Sample.file("a", name: "other.exe") + [10])
        let reason = try #require(contents(spool.rejected + "/1.ndjson.reason"))
        #expect(String(decoding: reason, as: UTF8.self).contains("line 3: the id a is known"))
        #expect(spool.waiting == [])
    }

    @Test func aFullOutboxLeavesTheFileAndGoesOnByItself() throws {
        let spool = try folder.spool()
        outbox.mood = .fails(.full("no space"))
        spool.put("1.ndjson", [Sample.file("a")])
        let log = LogBox()
        let intake = intake(spool, log: log.logger)
        try intake.start()
        for _ in 0..<2 {
            #expect(outbox.wait(for: 1) == ["a"])
            time.advance(.seconds(5))
            intake.wake()
        }
        #expect(outbox.wait(for: 1) == ["a"])
        spool.put("2.ndjson", [Sample.file("b")])
        outbox.mood = .stores
        time.advance(.seconds(5))
        intake.wake()
        #expect(outbox.wait(for: 2) == ["a", "b"], "the one that failed comes first")
        intake.stop()
        #expect(spool.waiting == [] && outbox.stored == ["a", "b"])
        #expect(log.all.count { $0.contains("intake waits") && $0.contains("no space") } == 1)
        #expect(log.all.count { $0.contains("intake goes on") } == 1)
    }

    @Test func aLineWithoutAnEndKeepsNobodyWaiting() throws {
        let spool = try folder.spool()
        write([], to: spool.new + "/1.ndjson")
        truncate(spool.new + "/1.ndjson", 100 << 30)
        spool.put("2.ndjson", [Sample.file("good")])
        let intake = intake(spool)
        try intake.start()
        #expect(outbox.wait(for: 1) == ["good"])
        intake.stop()
        #expect(!spool.waiting.contains("2.ndjson"))
    }

    @Test func whatComesAfterALongLineWaitsNotForItsEnd() throws {
        let spool = try folder.spool()
        spool.put("1.ndjson", [[UInt8](repeating: 0x78, count: 20 << 20), Sample.file("late")])
        spool.put("2.ndjson", [Sample.file("good")])
        let intake = intake(spool)
        try intake.start()
        #expect(outbox.wait(for: 2) == ["good", "late"])
        intake.stop()
        #expect(spool.waiting == [] && counted.rejected == 1)
    }

    @Test func badLinesBeyondThoseThatAreHeldAreKeptToo() throws {
        let spool = try folder.spool()
        let bad = (0..<10_001).map { Array("bad \($0)".utf8) }
        spool.put("1.ndjson", bad + [Sample.file("a")])
        let intake = intake(spool)
        try intake.start()
        #expect(outbox.wait(for: 1) == ["a"])
        intake.stop()
        #expect(spool.waiting == [] && counted.rejected == 10_001)
        let kept = try #require(contents(spool.rejected + "/1.ndjson"))
        #expect(kept == Array((bad + [Sample.file("a")]).joined(separator: [10])) + [10])
        let reason = try #require(contents(spool.rejected + "/1.ndjson.reason"))
        #expect(String(decoding: reason, as: UTF8.self).contains("\n1 further lines"))
    }

    @Test func whileTheOutboxIsFullOthersAreNotTried() throws {
        let spool = try folder.spool()
        outbox.mood = .fails(.full("no space"))
        spool.put("1.ndjson", (0..<6000).map { Sample.file("e\($0)") })
        spool.put("2.ndjson", [Sample.file("last")])
        let intake = intake(spool)
        try intake.start()
        #expect(outbox.wait(for: 4096).count < 6000)
        intake.stop()
        #expect(!outbox.calls.take().joined().contains("last"))
        #expect(spool.waiting == ["1.ndjson", "2.ndjson"])
    }

    @Test func nothingIsRemovedBeforeTheAnswer() throws {
        let spool = try folder.spool()
        outbox.mood = .waits
        spool.put("1.ndjson", [Sample.file("a")])
        let intake = intake(spool)
        try intake.start()
        _ = outbox.wait(for: 1)
        #expect(spool.waiting == ["1.ndjson"])
        // A daemon that is killed here finds the file again.
        let again = Dispatcher.SpoolIntake(
            SpoolIntake.Surroundings(
                spool: spool, lineLimit: { 100_000 }, figures: figures, log: .silent, clock: time.clock,
                route: { Arrival(event: $0, plugins: []) }, refusal: { nil },
                append: { [outbox] in
                    outbox.mood = .stores
                    outbox.append($0, $1)
                }))
        try again.start()
        #expect(outbox.wait(for: 1) == ["a"])
        again.stop()
        #expect(counted.duplicates == 1 && spool.waiting == [])
        outbox.answer()
        intake.stop()
        #expect(outbox.stored == ["a"])
    }

    @Test func stoppingInTheMiddleOfAFileLosesNothing() throws {
        let spool = try folder.spool()
        outbox.mood = .waits
        spool.put("1.ndjson", (0..<6500).map { Sample.file("e\($0)") })
        spool.put("2.ndjson", [Sample.file("last")])
        let isRefused = Lock(false)
        let intake = intake(spool, refusal: { isRefused.withLock { $0 } ? "the disk is short" : nil })
        try intake.start()
        // As much as may be under way; the rest is read when there is an answer, and then must not be.
        #expect(outbox.wait(for: 4096).count < 6500)
        isRefused.withLock { $0 = true }
        outbox.answer()
        intake.stop()
        #expect(spool.waiting == ["1.ndjson", "2.ndjson"])
        outbox.mood = .stores
        let again = self.intake(spool)
        try again.start()
        _ = outbox.wait(for: 6501)
        again.stop()
        #expect(outbox.stored == (0..<6500).map { "e\($0)" } + ["last"])
        #expect(spool.waiting == [])
    }

    @Test func whatIsNoFileIsLeftAlone() throws {
        let spool = try folder.spool()
        write(Sample.file("secret") + [10], to: folder.path + "/secret")
        symlink(folder.path + "/secret", spool.new + "/1.ndjson")
        symlink("/nonexistent", spool.new + "/2.ndjson")
        mkfifo(spool.new + "/3.ndjson", 0o600)
        mkdir(spool.new + "/4.ndjson", 0o700)
        write(Sample.file("hidden"), to: spool.new + "/.5.ndjson")
        write(Sample.file("name"), to: spool.new + "/6.json")
        write(Sample.file("line"), to: spool.new + "/7\n.ndjson")
        write(Sample.file("long"), to: spool.new + "/" + String(repeating: "8", count: 240) + ".ndjson")
        spool.put("9.ndjson", [Sample.file("good")])
        let intake = intake(spool)
        try intake.start()
        #expect(outbox.wait(for: 1) == ["good"])
        mkfifo(spool.new + "/91.ndjson", 0o600)
        symlink(folder.path + "/secret", spool.new + "/92.ndjson")
        spool.put("93.ndjson", [Sample.file("better")])
        #expect(outbox.wait(for: 1) == ["better"])
        intake.stop()
        #expect(outbox.stored == ["good", "better"])
        #expect(spool.waiting.count == 10)
        #expect(contents(folder.path + "/secret") != nil)
    }

    @Test func behindALinkInPlaceOfAFolderNothingIsTouched() throws {
        let spool = try folder.spool()
        let (new, rejected) = (folder.path + "/victim", folder.path + "/other")
        mkdir(new, 0o700)
        mkdir(rejected, 0o700)
        write(Sample.file("secret") + [10], to: new + "/1.ndjson")
        write([1], to: rejected + "/2.ndjson")
        spool.put("2.ndjson", [Array("bad".utf8), Sample.file("a")])
        let log = LogBox()
        let intake = intake(spool, log: log.logger)
        rename(spool.rejected, spool.path + "/moved")
        symlink(rejected, spool.rejected)
        try intake.start()
        #expect(outbox.wait(for: 1) == ["a"])
        #expect(log.wait(for: "\(spool.rejected): Not a directory. It must be a folder and no link"))
        rename(spool.new, spool.path + "/old")
        symlink(new, spool.new)
        for _ in 0..<3 {
            time.advance(.seconds(6))
            intake.wake()
        }
        #expect(log.wait(for: "cannot list the spool"))
        intake.stop()
        #expect(outbox.stored == ["a"])
        #expect(contents(new + "/1.ndjson") != nil && contents(rejected + "/2.ndjson") == [1])
        #expect(try folderNames(rejected) == ["2.ndjson"])
        #expect(log.all.count { $0.contains(spool.new + ": Not a directory") } == 1)
    }

    @Test func anEmptyFileIsRemoved() throws {
        let spool = try folder.spool()
        write([], to: spool.new + "/1.ndjson")
        write([10, 13, 10, 10], to: spool.new + "/2.ndjson")
        spool.put("3.ndjson", [Sample.file("a")])
        let intake = intake(spool)
        try intake.start()
        _ = outbox.wait(for: 1)
        intake.stop()
        #expect(spool.waiting == [] && counted.rejected == 0)
    }

    @Test func whatCannotBePutAwayIsKept() throws {
        let spool = try folder.spool()
        rmdir(spool.rejected)
        spool.put("1.ndjson", [Array("bad".utf8), Sample.file("a")])
        let log = LogBox()
        let intake = intake(spool, log: log.logger)
        try intake.start()
        #expect(outbox.wait(for: 1) == ["a"])
        #expect(log.wait(for: "put away"))
        mkdir(spool.rejected, 0o700)
        time.advance(.seconds(6))
        intake.wake()
        #expect(outbox.wait(for: 1) == ["a"])
        intake.stop()
        #expect(contents(spool.rejected + "/1.ndjson") == Array("bad\n".utf8))
        #expect(spool.waiting == [] && outbox.stored == ["a"])
    }

    @Test func aRefusalHoldsEverythingBack() throws {
        let spool = try folder.spool()
        spool.put("1.ndjson", [Sample.file("a")])
        let intake = intake(spool, refusal: { "the disk is short" })
        try intake.start()
        intake.stop()
        #expect(spool.waiting == ["1.ndjson"] && outbox.stored == [])
    }

    @Test func manyFilesAreTaken() throws {
        let spool = try folder.spool()
        for number in 0..<300 { spool.put("\(10_000 + number).ndjson", [Sample.file("e\(number)")]) }
        let intake = intake(spool)
        try intake.start()
        #expect(outbox.wait(for: 300) == (0..<300).map { "e\($0)" })
        intake.stop()
        #expect(spool.waiting == [])
    }
}
