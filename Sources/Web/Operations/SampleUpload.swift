// A sample that comes with a ping, put on disk for the time of the exchange: the daemon cannot read the operator's
// files, and must not read files by a name that a client gives.
// Failure: no file is left behind, whatever happens.

import Glibc
import Hummingbird
import NIOCore

/// A file that is removed when it is no longer needed.
struct SampleUpload: Sendable {
    /// Its absolute path.
    let path: String

    /// Largest sample of a test event: 256 MiB.
    private static let largest = 256 << 20

    /// Writes `body` to a new file (mode 0600) in `folder`.
    init(_ body: BodyReader, in folder: String) async throws {
        var template = Array("\(folder)/ping-sample-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else {
            throw Problem(
                500, "cannot make a file for the sample in \(folder): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        do {
            var size = 0
            while let chunk = try await body.next() {
                size += chunk.readableBytes
                guard size <= SampleUpload.largest else {
                    throw BodyError.tooLarge(limit: SampleUpload.largest)
                }
                try SampleUpload.write(chunk, to: descriptor)
            }
        } catch {
            remove()
            throw error
        }
    }

    /// Removes the file.
    func remove() {
        unlink(path)
    }

    private static func write(_ chunk: ByteBuffer, to descriptor: Int32) throws {
        try chunk.withUnsafeReadableBytes { bytes in
            var written = 0
            while written < bytes.count {
                let count = Glibc.write(
                    descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else {
                    throw Problem.unavailable("cannot keep the sample: \(String(cString: strerror(errno)))")
                }
                written += count
            }
        }
    }
}
