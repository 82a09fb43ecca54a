// A new file that takes the body of an answer: a sample fetched from MWDB. Hashed while it is written.
// Failure: the file is removed unless it was completed: no half sample is left under the name of a whole one.

import CLinux
import Crypto
import Glibc
import Model

/// A file being filled. Owned by one thread at a time: the courier's, then the flusher's.
final class AnswerFile: @unchecked Sendable {
    private let descriptor: Int32
    private let path: String
    private let expected: [UInt8]
    private let limit: Int64
    private var hash = SHA256()
    private var written: Int64 = 0
    private var isComplete = false

    /// Makes the file at `path`, which must not exist, for its owner only.
    /// - Throws: `local` when it cannot be made; `request` for a `sha256` that is none.
    init(path: String, sha256: String, limit: Int64) throws(ExchangeFailure) {
        guard let expected = SampleFile.bytes(hex: sha256) else {
            throw ExchangeFailure(kind: .request, message: "'\(sha256)' is no SHA-256")
        }
        // Nothing of this object exists yet when this throws: its end must not remove somebody else's file.
        let made = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard made >= 0 else { throw AnswerFile.failure(path, "cannot be made", errno) }
        descriptor = made
        self.path = path
        self.expected = expected
        self.limit = limit
    }

    deinit {
        if !isComplete { unlink(path) }
        close(descriptor)
    }

    /// Appends `bytes`.
    /// - Throws: `contentDamaged` beyond the size limit; `local` when the disk refuses.
    func write(_ bytes: UnsafeRawBufferPointer) throws(ExchangeFailure) {
        guard written + Int64(bytes.count) <= limit else {
            throw ExchangeFailure(
                kind: .contentDamaged, message: "the content for \(path) is larger than \(limit) bytes")
        }
        var rest = bytes
        while let base = rest.baseAddress, rest.count > 0 {
            let done = Glibc.write(descriptor, base, rest.count)
            if done < 0 && errno == EINTR { continue }
            guard done > 0 else { throw AnswerFile.failure(path, "cannot be written", errno) }
            rest = UnsafeRawBufferPointer(rebasing: rest[done...])
        }
        hash.update(bufferPointer: bytes)
        written += Int64(bytes.count)
    }

    /// Checks the hash and flushes the file to disk; only then it stays.
    /// - Throws: `contentDamaged` for another hash; `local` when the flush fails.
    func complete() throws(ExchangeFailure) {
        guard Array(hash.finalize()) == expected else {
            throw ExchangeFailure(
                kind: .contentDamaged, message: "the content for \(path) came with another SHA-256")
        }
        guard fsync(descriptor) == 0 else { throw AnswerFile.failure(path, "cannot be flushed", errno) }
        isComplete = true
    }

    private static func failure(_ path: String, _ what: String, _ code: Int32) -> ExchangeFailure {
        ExchangeFailure(kind: .local, message: "\(path) \(what): \(String(cString: strerror(code)))")
    }
}
