// The bench's receiver as a child process. Failure: a child that does not start is an error in words; one that is
// forgotten ends by itself, since its standard input ends with us.

import Courier
import Glibc
import Model

/// A running receiver process.
final class ReceiverProcess {
    /// Base URL, without a slash at the end.
    let url: String
    private let child: BenchChild

    /// Starts this executable's hidden `bench-receiver` command and waits for its port.
    /// - Throws: `BenchError`.
    init() throws(BenchError) {
        child = try BenchChild(["bench-receiver"])
        var buffer = [UInt8](repeating: 0, count: 16)
        let count = read(child.outputDescriptor, &buffer, buffer.count)
        let text = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        guard let port = UInt16(text.prefix { $0.isNumber }) else {
            throw BenchError("the receiver did not say its port")
        }
        url = "http://127.0.0.1:\(port)"
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

    /// Has it take requests from now on and answer none.
    func silence() {
        _ = Courier.exchange(Request(token: 0, method: "GET", url: url + "/silence", transport: Transport()))
    }
}
