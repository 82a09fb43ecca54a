// How fast the disk under test makes something durable: what acceptance can be compared with.

import Glibc

extension Bench {
    /// How long this disk takes to make 4 KiB durable, in milliseconds.
    func diskSync() throws -> Percentiles {
        let path = directory + "/mwdb-webhooks-bench-sync-\(getpid())"
        let descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw BenchError("cannot write \(path)") }
        defer {
            close(descriptor)
            unlink(path)
        }
        let page = [UInt8](repeating: 1, count: 4096)
        var times: [Double] = []
        for _ in 0..<300 {
            _ = write(descriptor, page, page.count)
            let before = nanoseconds()
            fdatasync(descriptor)
            times.append(Double(nanoseconds() - before) / 1e6)
        }
        return Percentiles(times)
    }
}
