// Samples for the `files` scenario.

import Courier
import Crypto
import Glibc
import Model

extension Bench {
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
