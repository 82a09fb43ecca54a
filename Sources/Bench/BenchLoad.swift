// Producers of events over HTTP, as many connections as there are producers, each waiting for its answer before it
// goes on. Runs as a process of its own, so that its CPU time is not the daemon's: as little HTTP as it takes.
// Failure: a connection that breaks or an answer other than 202 ends the measurement in words.

import CLinux
import Glibc
import Model

/// A load of events, and what it came to.
package struct BenchLoad: Sendable {
    /// Port on 127.0.0.1.
    package var port: Int
    /// Producers, a connection each.
    package var connections: Int
    /// Events in a request.
    package var batch: Int
    /// Bytes of an event.
    package var size: Int
    /// How long.
    package var milliseconds: Int

    /// A load of `connections` producers.
    package init(port: Int, connections: Int, batch: Int, size: Int, milliseconds: Int) {
        self.port = port
        self.connections = connections
        self.batch = batch
        self.size = size
        self.milliseconds = milliseconds
    }

    /// What producers saw.
    struct Result: Sendable {
        /// Events accepted a second.
        var perSecond: Double
        /// How long an answer took, in ms.
        var p50: Double
        /// How long a slow answer took, in ms.
        var p99: Double
    }

    /// Runs it in a child process.
    func run() async throws -> Result {
        let words = ["\(port)", "\(connections)", "\(batch)", "\(size)", "\(milliseconds)"]
        let child = try BenchChild(["bench-producers"] + words)
        let text = await child.output()
        let parts = text.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
        guard parts.count == 3 else { throw BenchError("the producers failed: \(text)") }
        return Result(perSecond: parts[0], p50: parts[1], p99: parts[2])
    }

    /// Carries it out in this process; the report is one line.
    package func carryOut() throws(BenchError) -> String {
        let poller = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard poller >= 0 else { throw BenchError("no epoll: \(String(cString: strerror(errno)))") }
        defer { close(poller) }
        let events = BenchEvents(size: size, type: "on_created_file")
        var producers: [Int32: BenchProducer] = [:]
        for _ in 0..<max(1, connections) {
            let producer = try BenchProducer(port: port, batch: batch, events: events)
            producers[producer.descriptor] = producer
            var event = epoll_event()
            event.events = UInt32(EPOLLIN.rawValue | EPOLLOUT.rawValue) | UInt32(1) << 31
            event.data.fd = producer.descriptor
            epoll_ctl(poller, EPOLL_CTL_ADD, producer.descriptor, &event)
        }
        let start = nanoseconds()
        let end = start + Int64(milliseconds) * 1_000_000
        for producer in producers.values { try producer.begin() }
        var ready = [epoll_event](repeating: epoll_event(), count: 256)
        while nanoseconds() < end {
            let count = epoll_wait(poller, &ready, 256, 100)
            for index in 0..<max(0, Int(count)) { try producers[ready[index].data.fd]?.goOn() }
        }
        let seconds = Double(nanoseconds() - start) / 1e9
        let waits = Percentiles(producers.values.flatMap(\.waits))
        let accepted = producers.values.reduce(0) { $0 + $1.waits.count } * batch
        return "\(Double(accepted) / seconds) \(waits.p50) \(waits.p99)"
    }
}
