// The receiver that `bench` measures against: as little HTTP as a dispatcher needs, on one thread with epoll, so
// that what is measured is the dispatcher. Runs as a process of its own, so that its CPU time is not counted.
// Failure: a connection that breaks is closed; the process ends when its standard input does.

import CLinux
import Glibc

/// A loopback HTTP receiver that answers 202, or nothing any more after `/silence`.
package final class BenchReceiver {
    /// The port it listens on.
    package let port: UInt16
    private let listener: Int32
    private let poller: Int32
    private var connections: [Int32: BenchConnection] = [:]
    private var received: [Int32] = []
    private var count = 0
    private var isSilent = false

    /// Listens on a free port of 127.0.0.1.
    /// - Throws: `BenchError`.
    package init() throws(BenchError) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | 0o4000 | 0o2_000_000, 0)
        poller = epoll_create1(Int32(EPOLL_CLOEXEC))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(listener, generic, size) == 0 && listen(listener, 4096) == 0
                    && getsockname(listener, generic, &size) == 0
            }
        }
        guard status else {
            throw BenchError("the receiver cannot listen: \(String(cString: strerror(errno)))")
        }
        self.listener = listener
        port = UInt16(bigEndian: address.sin_port)
        watch(listener)
        watch(STDIN_FILENO)
    }

    /// Serves until standard input ends.
    package func run() {
        var events = [epoll_event](repeating: epoll_event(), count: 256)
        while true {
            let ready = epoll_wait(poller, &events, 256, -1)
            for index in 0..<max(0, Int(ready)) {
                switch events[index].data.fd {
                case STDIN_FILENO: return
                case listener: accept()
                case let descriptor: serve(descriptor)
                }
            }
        }
    }

    private func watch(_ descriptor: Int32) {
        var event = epoll_event()
        event.events = UInt32(EPOLLIN.rawValue)
        event.data.fd = descriptor
        epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event)
    }

    private func accept() {
        while true {
            let descriptor = clinux_accept(listener)
            guard descriptor >= 0 else { return }
            var one: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
            connections[descriptor] = BenchConnection()
            watch(descriptor)
        }
    }

    private func serve(_ descriptor: Int32) {
        guard let connection = connections[descriptor] else { return }
        let open = connection.read(from: descriptor) { request in
            switch request {
            case .delivery(let sent):
                count += 1
                if let sent {
                    received.append(Int32(clamping: (nanoseconds() + BenchEvents.epoch - sent) / 1000))
                }
                return isSilent ? [] : BenchConnection.accepted
            case .statistics: return statistics()
            case .silence:
                isSilent = true
                return Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8)
            }
        }
        if !open {
            connections[descriptor] = nil
            close(descriptor)
        }
    }

    private func statistics() -> [UInt8] {
        received.sort()
        func percentile(_ share: Double) -> Int32 {
            received.isEmpty ? 0 : received[min(received.count - 1, Int(Double(received.count) * share))]
        }
        let body = "{\"count\":\(count),\"p50\":\(percentile(0.5)),\"p99\":\(percentile(0.99))}"
        received.removeAll(keepingCapacity: true)
        count = 0
        return Array("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8)
    }
}

/// Nanoseconds of the monotonic clock, the same for all processes of the machine.
package func nanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
