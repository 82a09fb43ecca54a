// One connection of the bench's receiver: just enough HTTP/1.1 for requests with a Content-Length.

import CLinux
import Glibc

/// What a request to the bench's receiver asks for.
enum BenchRequest {
    /// A delivery; when its event was made, in nanoseconds of the monotonic clock, if it says so.
    case delivery(sent: Int64?)
    /// Counts and latencies since the last time.
    case statistics
    /// From now on deliveries get no answer.
    case silence
}

/// Bytes of one connection.
final class BenchConnection {
    static let accepted = Array("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n".utf8)

    private var buffer = [UInt8](repeating: 0, count: 65_536)
    private var filled = 0
    private var skip = 0

    /// Reads what is there and answers every complete request; false when the connection has ended.
    func read(from descriptor: Int32, answer: (BenchRequest) -> [UInt8]) -> Bool {
        while true {
            let space = buffer.count - filled
            let count = buffer.withUnsafeMutableBytes { bytes in
                bytes.baseAddress.map { Glibc.read(descriptor, $0 + filled, space) } ?? -1
            }
            guard count > 0 else { return count < 0 && errno == EAGAIN }
            filled += count
            guard consume(descriptor, answer) else { return false }
            if count < space { return true }
        }
    }

    private func consume(_ descriptor: Int32, _ answer: (BenchRequest) -> [UInt8]) -> Bool {
        while true {
            if skip > 0 {
                let skipped = min(skip, filled)
                drop(skipped)
                skip -= skipped
                if skip > 0 { return true }
                if !reply(BenchConnection.accepted, descriptor) { return false }
                continue
            }
            guard let head = find("\r\n\r\n", from: 0) else { return filled < buffer.count }
            let start = head + 4
            let length = contentLength(head)
            if length > buffer.count - start {
                drop(start)
                skip = length
                _ = answer(.delivery(sent: nil))
                continue
            }
            guard filled - start >= length else { return true }
            let bytes = answer(request(start))
            drop(start + length)
            if !bytes.isEmpty && !reply(bytes, descriptor) { return false }
        }
    }

    private func request(_ body: Int) -> BenchRequest {
        if starts("GET /stat") { return .statistics }
        if starts("GET /silence") { return .silence }
        guard let found = find("\"sent\":", from: body) else { return .delivery(sent: nil) }
        return .delivery(sent: number(found + 7))
    }

    private func contentLength(_ head: Int) -> Int {
        find("ontent-Length: ", from: 0, to: head).map { Int(number($0 + 15)) } ?? 0
    }

    private func number(_ start: Int) -> Int64 {
        var value: Int64 = 0
        var index = start
        while index < filled, (48...57).contains(buffer[index]) {
            value = value &* 10 &+ Int64(buffer[index] - 48)
            index += 1
        }
        return value
    }

    private func starts(_ text: StaticString) -> Bool {
        filled >= text.utf8CodeUnitCount
            && buffer.withUnsafeBytes { bytes in
                bytes.baseAddress.map { memcmp($0, text.utf8Start, text.utf8CodeUnitCount) == 0 } ?? false
            }
    }

    private func find(_ text: StaticString, from start: Int, to end: Int? = nil) -> Int? {
        let end = end ?? filled
        guard end > start else { return nil }
        return buffer.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress,
                let found = clinux_find(base + start, end - start, text.utf8Start, text.utf8CodeUnitCount)
            else { return nil }
            return found - UnsafeRawPointer(base)
        }
    }

    private func drop(_ count: Int) {
        filled -= count
        guard filled > 0 else { return }
        buffer.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            memmove(base, base + count, filled)
        }
    }

    private func reply(_ bytes: [UInt8], _ descriptor: Int32) -> Bool {
        send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }
}
