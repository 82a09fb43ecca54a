// The `files` scenario: a sample of 1 GiB by multipart, beside the curl command on the same receiver.

import Courier
import Crypto
import Glibc
import Model

extension Bench {
    func files() async throws -> [Measurement] {
        let (url, process) = try receiver()
        defer { withExtendedLifetime(process) {} }
        let sample = directory + "/mwdb-webhooks-bench-sample-\(getpid())"
        defer { unlink(sample) }
        let digest = try makeSample(sample, mebibytes: 1024)
        var tool: [Double] = []
        var unhashed: [Double] = []
        var ours: [Double] = []
        ProcessFigures.resetPeakMemory()
        let memory = ProcessFigures.residentMemory
        for run in 1...max(1, runs) {
            progress("files: run \(run) of \(runs)")
            if let speed = try uploadByTool(sample, url: url) { tool.append(speed) }
            unhashed.append(try upload(sample, url: url, sha256: nil))
            ours.append(try upload(sample, url: url, sha256: digest))
        }
        let isThere = tool.count == ours.count
        if !isThere { progress("files: no curl command here; our own upload without hashing stands for it") }
        let yardstick = isThere ? tool : unhashed
        return [
            Measurement(
                "files", isThere ? "1 GiB by curl -F" : "1 GiB by multipart, not hashed", median(yardstick),
                "MiB/s"),
            Measurement("files", "1 GiB by multipart, not hashed", median(unhashed), "MiB/s"),
            Measurement("files", "1 GiB by multipart, hashed while sent", median(ours), "MiB/s"),
            Measurement(
                "files", "ratio", median(zip(ours, yardstick).map { $0 / $1 }), "×", bar: .atLeast(0.9)),
            Measurement(
                "files", "memory grown", max(0, ProcessFigures.peakMemory - memory), "MiB", bar: .atMost(16)),
        ]
    }

    /// MiB a second of the same upload by the curl command, its start included; nil when there is none.
    private func uploadByTool(_ path: String, url: String) throws -> Double? {
        let words = ["curl", "-s", "-f", "-o", "/dev/null", "-F", "file=@\(path)", url + "/"]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var child: pid_t = 0
        let start = nanoseconds()
        guard posix_spawnp(&child, "curl", nil, nil, &arguments, environ) == 0 else { return nil }
        var status: Int32 = 0
        waitpid(child, &status, 0)
        guard status == 0 else { throw BenchError("curl -F did not succeed (status \(status))") }
        return 1024 * 1e9 / Double(nanoseconds() - start)
    }

    /// Writes a sample and returns its SHA-256.
    func makeSample(_ path: String, mebibytes: Int) throws -> String {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw BenchError("cannot write \(path)") }
        defer { close(descriptor) }
        var generator = SystemRandomNumberGenerator()
        var block = [UInt8](repeating: 0, count: 1 << 20)
        for index in block.indices { block[index] = UInt8(truncatingIfNeeded: generator.next()) }
        var digest = SHA256()
        for number in 0..<mebibytes {
            block[0] = UInt8(truncatingIfNeeded: number)
            guard write(descriptor, block, block.count) == block.count else {
                throw BenchError("cannot write \(path): \(String(cString: strerror(errno)))")
            }
            digest.update(data: block)
        }
        return digest.finalize().map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }

    /// MiB a second of one upload.
    func upload(_ path: String, url: String, sha256: String?) throws -> Double {
        let content = FileContent(path: path, size: 1 << 30, sha256: sha256)
        let part = Part(name: "file", content: .file(content), filename: "sample.exe")
        var transport = Transport()
        transport.totalTimeout = .minutes(10)
        let start = nanoseconds()
        let reply = Courier.exchange(
            Request(token: 0, url: url + "/", body: .multipart([part]), transport: transport))
        guard case .answer(let answer) = reply.result, answer.status < 300 else {
            throw BenchError("the sample was not taken: \(reply.result)")
        }
        return 1024 * 1e9 / Double(nanoseconds() - start)
    }
}
