// One producer of `BenchLoad`: a connection that posts, waits for the answer, and posts again.

import CLinux
import Glibc

/// A connection that posts events.
final class BenchProducer {
    let descriptor: Int32
    /// How long each answer took, in ms.
    private(set) var waits: [Double] = []

    private let events: BenchEvents
    private let batch: Int
    private let head: [UInt8]
    private var request: [UInt8]
    private var sent = 0
    private var sentAt: Int64 = 0
    private var answer = [UInt8](repeating: 0, count: 4096)
    private var filled = 0

    /// Connects to `port` of 127.0.0.1.
    init(port: Int, batch: Int, events: BenchEvents) throws(BenchError) {
        self.events = events
        self.batch = batch
        let type = batch == 1 ? "application/json" : "application/x-ndjson"
        head = Array(
            ("POST /api/events HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nContent-Type: \(type)\r\n"
                + "Content-Length: \(batch * events.lineLength)\r\n\r\n").utf8)
        request = [UInt8](repeating: 0, count: head.count + batch * events.lineLength)
        request.replaceSubrange(0..<head.count, with: head)
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | 0o2_000_000, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
        }
        guard status == 0 else { throw BenchError("cannot connect: \(String(cString: strerror(errno)))") }
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }

    deinit {
        close(descriptor)
    }

    /// Posts the next events.
    func begin() throws(BenchError) {
        let (start, batch, events) = (head.count, batch, events)
        request.withUnsafeMutableBufferPointer { bytes in
            events.write(batch, to: UnsafeMutableBufferPointer(rebasing: bytes[start...]))
        }
        sent = 0
        sentAt = nanoseconds()
        try flush()
    }

    /// Sends and reads what it can, and posts again after each answer.
    func goOn() throws(BenchError) {
        try flush()
        while true {
            let space = answer.count - filled
            let got = answer.withUnsafeMutableBytes { bytes in
                bytes.baseAddress.map { read(descriptor, $0 + filled, space) } ?? -1
            }
            if got < 0 && errno == EAGAIN { return }
            guard got > 0 else { throw BenchError("the server closed a connection") }
            filled += got
            guard isWhole else { continue }
            guard answer.starts(with: Array("HTTP/1.1 202".utf8)) else {
                throw BenchError(String(decoding: answer[..<filled], as: UTF8.self))
            }
            filled = 0
            waits.append(Double(nanoseconds() - sentAt) / 1e6)
            try begin()
        }
    }

    private func flush() throws(BenchError) {
        while sent < request.count {
            let count = request.withUnsafeBytes { bytes in
                guard let base = bytes.baseAddress else { return -1 }
                return send(descriptor, base + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EAGAIN { return }
            guard count > 0 else {
                throw BenchError("the server does not read: \(String(cString: strerror(errno)))")
            }
            sent += count
        }
    }

    /// The server's answers end with a line break after their one line of JSON.
    private var isWhole: Bool {
        guard filled > 16, answer[filled - 1] == 10, answer[filled - 2] == UInt8(ascii: "}") else {
            return false
        }
        return true
    }
}
