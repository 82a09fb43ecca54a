// One spool file: its events in batches, its bad lines set aside.

import Crypto
import Glibc
import Testing

@testable import Dispatcher

struct SpoolFileTests {
    private let folder = Folder()

    private func file(_ lines: [[UInt8]], limit: Int = 10_000) -> SpoolFile {
        let path = folder.path + "/1.ndjson"
        write(Array(lines.joined(separator: [10])), to: path)
        return SpoolFile(name: "1.ndjson", descriptor: open(path, O_RDONLY), lineLimit: limit)
    }

    @Test func eventsComeInBatches() throws {
        let file = file((1...5).map { Sample.file("e\($0)") })
        #expect(try file.nextBatch(count: 2).map(\.event.id) == ["e1", "e2"])
        #expect(try file.nextBatch(count: 2).map(\.event.id) == ["e3", "e4"])
        #expect(!file.allRead && file.batchesUnderWay == 2)
        #expect(try file.nextBatch(count: 2).map(\.event.id) == ["e5"])
        #expect(file.allRead && !file.isDone)
        #expect(try file.nextBatch(count: 2).isEmpty)
        file.batchesUnderWay = 0
        #expect(file.isDone)
    }

    @Test func badLinesAreSetAsideWithTheirNumber() throws {
        let long = Sample.file("long", name: String(repeating: "x", count: 500))
        let file = file(
            [Sample.file("e1"), Array("no event".utf8), [], long, Sample.file("e2")], limit: 400)
        #expect(try file.nextBatch(count: 10).map(\.line) == [1, 5])
        #expect(file.rejections.map(\.line) == [2, 4])
        #expect(file.rejections[0].bytes == Array("no event".utf8))
        #expect(file.rejections[1].bytes == nil)
        #expect(file.rejections[1].reason.contains("max_event_size (400)"))
    }

    @Test func aBatchIsBoundedInBytes() throws {
        let large = String(repeating: "x", count: 1 << 20)
        let file = file((1...8).map { Sample.file("e\($0)", name: large) }, limit: 2 << 20)
        #expect(try file.nextBatch(count: 100).count == 4)
    }

    @Test func manyBadLinesDoNotKeepOthersWaiting() throws {
        let file = file(Array(repeating: Array("bad".utf8), count: 25_000) + [Sample.file("e")])
        #expect(try file.nextBatch(count: 10).isEmpty && !file.allRead)
        #expect(try file.nextBatch(count: 10).isEmpty && !file.allRead)
        #expect(try file.nextBatch(count: 10).map(\.line) == [25_001])
        #expect(file.rejectionCount == 25_000 && file.rejections.count == 10_000)
        #expect(file.furtherRejections.count == 15_000)
        let further = Array(repeating: Array("bad\n".utf8), count: 15_000).flatMap(\.self)
        #expect(file.furtherRejections.sha256 == hexDigits(SHA256.hash(data: further)))
    }

    @Test func rejectedBytesInMemoryAreBounded() throws {
        let file = file([])
        for line in 1...10 {
            file.reject(line: line, bytes: [UInt8](repeating: 0, count: 8 << 20), reason: "r")
        }
        #expect(file.rejections.compactMap(\.bytes).reduce(0) { $0 + $1.count } <= 16 << 20)
        #expect(file.rejections.count + file.furtherRejections.count == 10)
    }

    @Test func emptyLinesDoNotKeepOthersWaiting() throws {
        let file = file(Array(repeating: [], count: 25_000) + [Sample.file("e")])
        #expect(try file.nextBatch(count: 10).isEmpty && !file.allRead)
        #expect(try file.nextBatch(count: 10).isEmpty && !file.allRead)
        #expect(try file.nextBatch(count: 10).map(\.line) == [25_001])
    }
}
