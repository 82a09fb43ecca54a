// Lines of a spool file, whatever it holds.

import Crypto
import Glibc
import Testing

@testable import Dispatcher

struct LineReaderTests {
    private let folder = Folder()

    private func lines(_ bytes: [UInt8], limit: Int = 10, chunk: Int = 4) throws -> [(SpoolLine, Int)] {
        let path = folder.path + "/file"
        write(bytes, to: path)
        var reader = LineReader(descriptor: open(path, O_RDONLY), limit: limit, chunk: chunk)
        var lines: [(SpoolLine, Int)] = []
        while let line = try reader.next() { lines.append((line, reader.number)) }
        let end = try reader.next()
        #expect(end == nil)
        return lines
    }

    private func texts(_ text: String, limit: Int = 10, chunk: Int = 4) throws -> [String] {
        try lines(Array(text.utf8), limit: limit, chunk: chunk).map { line, number in
            switch line {
            case .line(let bytes): "\(number):\(String(decoding: bytes, as: UTF8.self))"
            case .tooLong(let length, _): "\(number):long \(length)"
            case .nothingYet: "nothing yet"
            }
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 7, 64])
    func linesDoNotDependOnHowTheyAreRead(_ chunk: Int) throws {
        let text = "one\n\ntwo\r\nthree\r\n\r\nfour"
        #expect(try texts(text, chunk: chunk) == ["1:one", "3:two", "4:three", "6:four"])
        #expect(try texts("", chunk: chunk) == [])
        #expect(try texts("\n\n\n", chunk: chunk) == [])
        #expect(try texts("x", chunk: chunk) == ["1:x"])
        #expect(try texts("x\n", chunk: chunk) == ["1:x"])
    }

    @Test(arguments: [1, 3, 8, 64])
    func theLimitIsExact(_ chunk: Int) throws {
        let ten = "0123456789"
        #expect(try texts("\(ten)\n\(ten)x\nend\n", chunk: chunk) == ["1:\(ten)", "2:long 11", "3:end"])
        #expect(try texts("\(ten)", chunk: chunk) == ["1:\(ten)"])
        #expect(try texts("\(ten)xyz", chunk: chunk) == ["1:long 13"])
        #expect(try texts("\(ten)xyz\n\n", chunk: chunk) == ["1:long 13"])
    }

    @Test func aLongLineIsHashedWhole() throws {
        let long = [UInt8](repeating: 0x61, count: 1_000_000)
        let found = try lines(long + [10] + Array("next".utf8), limit: 100, chunk: 4096)
        #expect(found.count == 2)
        #expect(
            found[0].0
                == .tooLong(
                    length: 1_000_000,
                    sha256: "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"))
        #expect(found[1].0 == .line(Array("next".utf8)))
    }

    @Test func aLongLineIsReadInParts() throws {
        let long = [UInt8](repeating: 0x61, count: 20 << 20)
        let found = try lines(long + Array("\nnext\n".utf8), limit: 100, chunk: 262_144)
        #expect(found.dropLast(2).map(\.0) == [.nothingYet, .nothingYet])
        #expect(
            found.dropLast().last?.0
                == .tooLong(length: 20 << 20, sha256: hexDigits(SHA256.hash(data: long))))
        #expect(found.last?.0 == .line(Array("next".utf8)) && found.last?.1 == 2)
    }

    @Test func ofALineBeyondAnyMeasureOnlyTheLengthIsKnown() throws {
        let path = folder.path + "/file"
        write([], to: path)
        let length = 100 << 30
        truncate(path, length)
        let descriptor = open(path, O_RDWR)
        pwrite(descriptor, "\nnext", 5, length - 5)
        var reader = LineReader(descriptor: descriptor, limit: 100, mostHashed: 64 << 20)
        var parts = 0
        var line = try reader.next()
        while line == .nothingYet {
            parts += 1
            line = try reader.next()
        }
        #expect(line == .tooLong(length: length - 5, sha256: nil) && parts >= 8)
        #expect(try reader.next() == .line(Array("next".utf8)))
    }

    @Test func theDescriptorIsGivenBackAtTheEndOfTheFile() throws {
        let path = folder.path + "/file"
        write(Array("one\n".utf8), to: path)
        let descriptor = open(path, O_RDONLY)
        var reader = LineReader(descriptor: descriptor, limit: 10)
        _ = try reader.next()
        #expect(fcntl(descriptor, F_GETFD) >= 0)
        _ = try reader.next()
        // Another thread may have got the number meanwhile: then it is another file.
        var (ours, theirs) = (stat(), stat())
        lstat(path, &ours)
        #expect(fstat(descriptor, &theirs) != 0 || theirs.st_ino != ours.st_ino)
    }

    @Test func bytesThatAreNoTextPassThrough() throws {
        let odd: [UInt8] = [0, 0xff, 0xfe, 13, 0x20]
        #expect(try lines(odd + [10]).map(\.0) == [.line(odd)])
    }

    @Test func aFileThatCannotBeReadIsAnError() {
        var reader = LineReader(descriptor: open(folder.path, O_RDONLY), limit: 10)
        #expect(throws: SpoolError.self) { try reader.next() }
    }
}
