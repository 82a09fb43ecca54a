// A sample on disk that is read in pieces and hashed on the way; its last piece is held back until size and
// hash are right. MWDB may write the same file again while it is read (it truncates and rewrites the inode).
// Failure: anything but the promised bytes is `contentDamaged`; running out of descriptors is `local`.

import CLinux
import Crypto
import Glibc
import Model

/// An open sample. Owned by one transfer.
final class SampleFile {
    /// Size in bytes that will be sent.
    let size: Int64
    private let descriptor: Int32
    private let path: String
    private let expected: [UInt8]?
    private var hash = SHA256()
    private var hashed: Int64 = 0

    /// Opens the regular file at `content.path` without following a link in the last component.
    /// - Throws: `contentDamaged` when it is missing, no regular file, or of another size.
    init(_ content: FileContent) throws(ExchangeFailure) {
        path = content.path
        if let sha256 = content.sha256 {
            guard let bytes = SampleFile.bytes(hex: sha256) else {
                throw ExchangeFailure(kind: .contentDamaged, message: "'\(sha256)' is no SHA-256")
            }
            expected = bytes
        } else {
            expected = nil
        }
        descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw SampleFile.failure(path, "cannot be opened", errno) }
        do throws(ExchangeFailure) {
            size = try SampleFile.checkedSize(descriptor, content)
        } catch {
            close(descriptor)
            throw error
        }
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
    }

    deinit {
        close(descriptor)
    }

    /// Reads up to `count` bytes from `offset` into `target`. Pieces must follow each other; `rewind` starts
    /// again. The piece that holds the last byte is returned only when the whole file is as promised.
    /// - Throws: `contentDamaged`.
    func read(into target: UnsafeMutableRawPointer, count: Int, at offset: Int64) throws(ExchangeFailure)
        -> Int
    {
        let wanted = min(Int64(count), size - offset)
        var filled = 0
        while filled < wanted {
            let got = pread(descriptor, target + filled, Int(wanted) - filled, off_t(offset) + filled)
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else { throw SampleFile.failure(path, "cannot be read", errno) }
            guard got > 0 else { throw damaged("is shorter than \(size) bytes") }
            filled += got
        }
        if expected != nil && offset == hashed {
            hash.update(bufferPointer: UnsafeRawBufferPointer(start: target, count: filled))
            hashed += Int64(filled)
        }
        if offset + Int64(filled) == size { try checkWhole() }
        return filled
    }

    /// Starts again at the first byte.
    func rewind() {
        hash = SHA256()
        hashed = 0
    }

    /// Checks hash and end of file once all bytes were read.
    /// - Throws: `contentDamaged`.
    func checkWhole() throws(ExchangeFailure) {
        var byte: UInt8 = 0
        guard pread(descriptor, &byte, 1, off_t(size)) == 0 else {
            throw damaged("is longer than \(size) bytes")
        }
        guard let expected else { return }
        guard hashed == size, Array(hash.finalize()) == expected else {
            throw damaged("does not have the SHA-256 it is named by")
        }
    }

    private func damaged(_ what: String) -> ExchangeFailure {
        ExchangeFailure(kind: .contentDamaged, message: "content \(path) \(what)")
    }

    private static func checkedSize(
        _ descriptor: Int32, _ content: FileContent
    ) throws(ExchangeFailure) -> Int64 {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw failure(content.path, "cannot be examined", errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ExchangeFailure(
                kind: .contentDamaged, message: "content \(content.path) is not a regular file")
        }
        let found = Int64(status.st_size)
        if let size = content.size, size != found {
            throw ExchangeFailure(
                kind: .contentDamaged,
                message: "content \(content.path) has \(found) bytes where the event says \(size)")
        }
        return found
    }

    private static func failure(_ path: String, _ what: String, _ code: Int32) -> ExchangeFailure {
        let exhausted = code == EMFILE || code == ENFILE || code == ENOMEM
        return ExchangeFailure(
            kind: exhausted ? .local : .contentDamaged,
            message: "content \(path) \(what): \(String(cString: strerror(code)))")
    }

    /// The 32 bytes that 64 hex digits stand for; nil for anything else.
    static func bytes(hex: String) -> [UInt8]? {
        let digits = Array(hex.utf8)
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        for index in stride(from: 0, to: 64, by: 2) {
            guard let high = nibble(digits[index]), let low = nibble(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x61...0x66: digit - 0x57
        case 0x41...0x46: digit - 0x37
        default: nil
        }
    }
}
