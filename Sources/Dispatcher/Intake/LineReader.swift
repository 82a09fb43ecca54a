// Reads a spool file line by line in constant memory, however long its lines claim to be.
// Failure: a read error is thrown with errno's words; the file stays where it is.

import Crypto
import Glibc

/// One line of a spool file.
enum SpoolLine: Equatable {
    /// A line within the limit, without its line break.
    case line([UInt8])
    /// A line over the limit: only its length and SHA-256 are known.
    case tooLong(length: Int, sha256: String)
}

/// Reads lines from a descriptor, which it closes.
struct LineReader: ~Copyable {
    private let descriptor: Int32
    private let limit: Int
    private var buffer: [UInt8] = []
    private var position = 0
    private var ended = false
    private static let chunk = 262_144

    /// Lines of at most `limit` bytes from `descriptor`.
    init(descriptor: Int32, limit: Int) {
        self.descriptor = descriptor
        self.limit = limit
    }

    deinit { close(descriptor) }

    /// The next line that is not empty; nil at the end.
    /// - Throws: `SpoolError` when the file cannot be read.
    mutating func next() throws(SpoolError) -> SpoolLine? {
        while true {
            if let end = lineEnd(from: position) {
                let line = Array(buffer[position..<end])
                position = end + 1
                if line.isEmpty { continue }
                return line.count <= limit ? .line(line) : .tooLong(length: line.count, sha256: hex(line))
            }
            if ended {
                let rest = Array(buffer[position...])
                position = buffer.count
                return rest.isEmpty ? nil : .line(rest)
            }
            if buffer.count - position > limit { return try skipLongLine() }
            try fill()
        }
    }

    private func lineEnd(from start: Int) -> Int? {
        buffer.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, start < bytes.count,
                let found = memchr(base + start, 10, bytes.count - start)
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }

    private mutating func skipLongLine() throws(SpoolError) -> SpoolLine {
        var digest = SHA256()
        var length = 0
        while true {
            let end = lineEnd(from: position)
            let part = buffer[position..<(end ?? buffer.count)]
            digest.update(data: Array(part))
            length += part.count
            position = end.map { $0 + 1 } ?? buffer.count
            if end != nil || ended { return .tooLong(length: length, sha256: hexDigits(digest.finalize())) }
            try fill()
        }
    }

    private mutating func fill() throws(SpoolError) {
        if position > 0 {
            buffer.removeSubrange(..<position)
            position = 0
        }
        let used = buffer.count
        buffer.append(contentsOf: repeatElement(0, count: LineReader.chunk))
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.baseAddress.map { read(descriptor, $0 + used, LineReader.chunk) } ?? -1
        }
        let problem = errno
        buffer.removeLast(LineReader.chunk - max(0, count))
        if count == 0 { ended = true }
        if count < 0 && problem != EINTR {
            throw SpoolError(doing: "read", path: "spool file", errno: problem)
        }
    }

    private func hex(_ bytes: [UInt8]) -> String {
        hexDigits(SHA256.hash(data: bytes))
    }
}

/// Lower-case hex digits of `bytes`.
func hexDigits(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes {
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
}
