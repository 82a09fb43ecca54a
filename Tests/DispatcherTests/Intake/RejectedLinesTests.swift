// Lines that were no events are kept with their reason, up to a limit.

import Glibc
import Testing

@testable import Dispatcher

struct RejectedLinesTests {
    private let folder = Folder()

    private func text(_ spool: SpoolFolder, _ name: String) -> String? {
        contents(spool.rejected + "/" + name).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func linesAndReasonsAreKept() throws {
        let spool = try folder.spool()
        var rejected = RejectedLines(spool: spool)
        let kept = try rejected.keep(
            [
                Rejection(line: 2, bytes: Array("bad".utf8), reason: "no event"),
                Rejection(line: 5, bytes: nil, reason: "too long"),
                Rejection(line: 7, bytes: Array("worse".utf8), reason: "no event either"),
            ], of: "1.ndjson")
        #expect(kept)
        #expect(text(spool, "1.ndjson") == "bad\nworse\n")
        #expect(
            text(spool, "1.ndjson.reason") == "line 2: no event\nline 5: too long\nline 7: no event either\n")
        #expect(try folderNames(spool.tmp) == [])
    }

    @Test func aFileOfTooManyIsKeptWholeIfItFits() throws {
        let spool = try folder.spool()
        var further = FurtherRejections()
        further.add([121])
        for (limit, isWhole) in [(Int64(1_000_000_000), true), (1_100_000, false)] {
            write(Array("x\ny\n".utf8) + [UInt8](repeating: 32, count: 200_000), to: spool.new + "/1.ndjson")
            var rejected = RejectedLines(spool: spool, limit: limit)
            unlink(spool.rejected + "/1.ndjson")
            #expect(
                try rejected.keep([Rejection(line: 1, bytes: [120], reason: "r")], further, of: "1.ndjson"))
            #expect(text(spool, "1.ndjson")?.count == (isWhole ? 200_004 : 2))
            #expect((contents(spool.new + "/1.ndjson") == nil) == isWhole)
            let reason = try #require(text(spool, "1.ndjson.reason"))
            #expect(reason.contains("line 1: r\n1 further lines"))
            #expect(reason.contains(hexDigitsOf([121, 10])) && reason.contains("whole file") == isWhole)
        }
    }

    @Test func theSameAgainIsTheSame() throws {
        let spool = try folder.spool()
        var rejected = RejectedLines(spool: spool)
        for _ in 0..<3 {
            #expect(try rejected.keep([Rejection(line: 1, bytes: [120], reason: "r")], of: "1.ndjson"))
        }
        #expect(try folderNames(spool.rejected) == ["1.ndjson", "1.ndjson.reason"])
        #expect(text(spool, "1.ndjson") == "x\n")
    }

    @Test func aFullFolderTakesNoMoreLines() throws {
        let spool = try folder.spool()
        var rejected = RejectedLines(spool: spool, limit: 1_200_000)
        let large = [UInt8](repeating: 0x78, count: 300_000)
        #expect(try rejected.keep([Rejection(line: 1, bytes: large, reason: "large")], of: "1.ndjson"))
        #expect(try folderNames(spool.rejected) == ["1.ndjson.reason"])
        let reason = try #require(text(spool, "1.ndjson.reason"))
        #expect(reason.contains("the folder is full; sha256 \(hexDigitsOf(large))"))
    }

    @Test func beyondTheLimitNothingIsWrittenUntilThereIsRoom() throws {
        let spool = try folder.spool()
        write([UInt8](repeating: 0, count: 2_000_000), to: spool.rejected + "/old")
        var rejected = RejectedLines(spool: spool, limit: 1_200_000)
        let line = [Rejection(line: 1, bytes: [120], reason: "r")]
        #expect(try !rejected.keep(line, of: "1.ndjson"))
        #expect(try folderNames(spool.rejected) == ["old"])
        unlink(spool.rejected + "/old")
        var kept = false
        for _ in 0..<64 where !kept { kept = try rejected.keep(line, of: "1.ndjson") }
        #expect(kept, "what an operator removed is noticed")
    }

    @Test func reasonsOfOneFileAreBounded() throws {
        let spool = try folder.spool()
        var rejected = RejectedLines(spool: spool)
        let many = (1...10_000).map {
            Rejection(line: $0, bytes: nil, reason: String(repeating: "r", count: 1000))
        }
        #expect(try rejected.keep(many, of: "1.ndjson"))
        #expect(try #require(contents(spool.rejected + "/1.ndjson.reason")).count < 1_010_000)
    }

    @Test func whatCannotBeKeptIsAnError() throws {
        let spool = try folder.spool()
        rmdir(spool.rejected)
        var rejected = RejectedLines(spool: spool)
        #expect(throws: SpoolError.self) {
            try rejected.keep([Rejection(line: 1, bytes: [120], reason: "r")], of: "1.ndjson")
        }
    }

    private func hexDigitsOf(_ bytes: [UInt8]) -> String {
        Rejection(line: 1, bytes: bytes, reason: "").sha256 ?? ""
    }
}
