// The events that a measurement posts: new ids, the time they were made, padding. One is made as text, the others
// are its bytes with other digits in them: making them must not be part of what is measured.
// Pure but for the counter of ids and the clock.

import Glibc
import Mailbox

/// Makes lines of events.
package struct BenchEvents: Sendable {
    /// Digits in base 16 of an event's number: 16 in its id, and as often as it fits in the sample's hash.
    private static let digits = Array("0123456789abcdef".utf8)
    /// Added to the time, so that it always has as many digits.
    package static let epoch: Int64 = 1_000_000_000_000_000_000
    private static let last = Lock<UInt64>(UInt64.random(in: 0..<1 << 40) << 20)

    private let template: [UInt8]
    private let idStart: Int
    private let hashStarts: [Int]
    private let sentStart: Int
    /// The events are about so many objects, at random; nil: each is about one of its own.
    private let objects: UInt64?

    /// Events of hook `type` of `size` bytes, or as many as they need.
    package init(size: Int, type: String, objects: UInt64? = nil) {
        self.objects = objects
        let hash = String(repeating: "0", count: 64)
        let id = "01920000-0000-7000-0000-000000000000"
        let head =
            "{\"id\":\"\(id)\",\"type\":\"\(type)\",\"timestamp\":\"2026-01-01T00:00:00.000Z\",\"source\":\"bench\","
            + "\"actor\":\"bench\",\"data\":{\"file\":{\"id\":\"\(hash)\",\"type\":\"file\",\"file_name\":\"bench.exe\","
            + "\"file_size\":4096,\"file_type\":\"PE32 executable (GUI)\",\"sha256\":\"\(hash)\",\"tags\":[\"bench\"],"
            + "\"sent\":\(Self.epoch),\"pad\":\""
        let tail = "\"}}}\n"
        let padding = max(0, size + 1 - head.utf8.count - tail.utf8.count)
        template = Array(head.utf8) + [UInt8](repeating: 97, count: padding) + Array(tail.utf8)
        idStart = Self.position(of: id, in: template)
        let first = Self.position(of: hash, in: template)
        hashStarts = [first, first + 64 + Self.position(of: hash, in: Array(template[(first + 64)...]))]
        sentStart = Self.position(of: String(Self.epoch), in: template)
    }

    /// `count` lines, each with its line break.
    package static func lines(_ count: Int, size: Int, type: String) -> [UInt8] {
        BenchEvents(size: size, type: type).lines(count)
    }

    /// `count` lines, each with its line break.
    package func lines(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count * template.count) { target, filled in
            write(count, to: target)
            filled = count * template.count
        }
    }

    /// Bytes of one line with its line break.
    package var lineLength: Int { template.count }

    /// Writes `count` lines to the beginning of `target`.
    package func write(_ count: Int, to target: UnsafeMutableBufferPointer<UInt8>) {
        let first = Self.last.withLock { last in
            let first = last
            last += UInt64(count)
            return first
        }
        let now = Self.epoch + nanoseconds()
        for index in 0..<count {
            let line = UnsafeMutableBufferPointer(
                rebasing: target[index * template.count..<(index + 1) * template.count])
            _ = line.update(fromContentsOf: template)
            number(first + UInt64(index), line)
            time(now, line)
        }
    }

    private func number(_ number: UInt64, _ line: UnsafeMutableBufferPointer<UInt8>) {
        // Numbers one after the other are spread over the objects (Fibonacci hashing).
        let object = objects.map { (number &* 0x9e37_79b9_7f4a_7c15) >> 32 % $0 } ?? number
        for place in 0..<16 {
            let digit = Self.digits[Int(number >> UInt64(4 * (15 - place)) & 15)]
            // The last two groups of the id, with a dash between them.
            line[idStart + 19 + place + (place < 4 ? 0 : 1)] = digit
            let shown = Self.digits[Int(object >> UInt64(4 * (15 - place)) & 15)]
            for start in hashStarts {
                for part in 0..<4 { line[start + 16 * part + place] = shown }
            }
        }
    }

    private func time(_ time: Int64, _ line: UnsafeMutableBufferPointer<UInt8>) {
        var rest = time
        for place in (0..<19).reversed() {
            line[sentStart + place] = UInt8(48 + rest % 10)
            rest /= 10
        }
    }

    private static func position(of text: String, in bytes: [UInt8]) -> Int {
        let wanted = Array(text.utf8)
        return bytes.indices.first { bytes[$0...].starts(with: wanted) } ?? 0
    }
}
