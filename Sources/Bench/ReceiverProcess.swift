// The bench's receiver as a child process. Failure: a child that does not start is an error in words; one that is
// forgotten ends by itself, since its standard input ends with us.

import Courier
import Glibc
import Model

/// A running receiver process.
final class ReceiverProcess {
    /// Base URL, without a slash at the end.
    let url: String
    private let pid: pid_t
    private let input: Int32

    /// Starts this executable's hidden `bench-receiver` command and waits for its port.
    /// - Throws: `BenchError`.
    init() throws(BenchError) {
        var toChild: [Int32] = [0, 0]
        var fromChild: [Int32] = [0, 0]
        guard pipe(&toChild) == 0, pipe(&fromChild) == 0 else {
            throw BenchError("no pipe for the receiver: \(String(cString: strerror(errno)))")
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
        posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
        for descriptor in toChild + fromChild { posix_spawn_file_actions_addclose(&actions, descriptor) }
        defer { posix_spawn_file_actions_destroy(&actions) }
        var arguments: [UnsafeMutablePointer<CChar>?] = [
            strdup("mwdb-webhooks"), strdup("bench-receiver"), nil,
        ]
        defer { arguments.forEach { free($0) } }
        var child: pid_t = 0
        let status = posix_spawn(&child, "/proc/self/exe", &actions, nil, &arguments, environ)
        close(toChild[0])
        close(fromChild[1])
        guard status == 0 else {
            throw BenchError("the receiver does not start: \(String(cString: strerror(status)))")
        }
        pid = child
        input = toChild[1]
        var buffer = [UInt8](repeating: 0, count: 16)
        let count = read(fromChild[0], &buffer, buffer.count)
        close(fromChild[0])
        let text = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        guard let port = UInt16(text.prefix { $0.isNumber }) else {
            throw BenchError("the receiver did not say its port")
        }
        url = "http://127.0.0.1:\(port)"
    }

    deinit {
        close(input)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
    }

    /// Deliveries received since the last call, and their latency from acceptance, p50 and p99 in microseconds.
    func statistics() -> (count: Int, p50: Double, p99: Double) {
        let reply = Courier.exchange(
            Request(token: 0, method: "GET", url: url + "/stat", transport: Transport()))
        guard case .answer(let answer) = reply.result, let json = try? JSON.parse(answer.body) else {
            return (0, 0, 0)
        }
        func number(_ key: String) -> Double {
            if case .number(let digits)? = json[key] { Double(digits) ?? 0 } else { 0 }
        }
        return (Int(number("count")), number("p50"), number("p99"))
    }
}
