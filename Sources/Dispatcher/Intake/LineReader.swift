// Reads a spool file line by line in constant memory, however long its lines claim to be.
// Failure: a read error is thrown with errno's words; the file stays where it is.

import Crypto
import Glibc

/// One line of a spool file.
enum SpoolLine: Equatable {
    /// A line within the limit, without its line break (LF or CR LF).
    case line([UInt8])
    /// A line over the limit: only its length and SHA-256 are known.
    case tooLong(length: Int, sha256: String)
}

/// Reads lines from a descriptor, which it closes at the end of the file, or with its own end.
struct LineReader: ~Copyable {
    /// Number of the line that `next` gave last, from 1; empty lines count.
    private(set) var number = 0

    private var descriptor: Int32
    private let limit: Int
    private let chunk: Int
    private var buffer: [UInt8] = []
    private var position = 0
    /// No line break before this place in the buffer: it is not looked at again.
    private var searched = 0
    private var ended = false

    /// Lines of at most `limit` bytes from `descriptor`, read in pieces of at most `chunk` bytes.
    init(descriptor: Int32, limit: Int, chunk: Int = 262_144) {
        self.descriptor = descriptor
        self.limit = limit
        // Most files hold one event: no more memory than they need.
        var information = stat()
        let size = fstat(descriptor, &information) == 0 ? Int(information.st_size) : chunk
        self.chunk = max(1, min(chunk, size + 1))
    }

    deinit {
        if descriptor >= 0 { Glibc.close(descriptor) }
    }

    /// Ends reading: thousands of files may be under way, and none shall hold what it does not need any more.
    mutating func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
        buffer = []
        advance(to: 0)
        ended = true
    }

    /// The next line that is not empty; nil at the end.
    /// - Throws: `SpoolError` when the file cannot be read.
    mutating func next() throws(SpoolError) -> SpoolLine? {
        while true {
            if let end = lineEnd() {
                number += 1
                let line = SpoolLine(buffer[position..<end], limit: limit)
                advance(to: end + 1)
                if let line { return line }
                continue
            }
            if ended {
                number += 1
                let line = SpoolLine(buffer[position...], limit: limit)
                advance(to: buffer.count)
                if line == nil { close() }
                return line
            }
            if buffer.count - position > limit { return try skipLongLine() }
            try fill()
        }
    }

    /// Place of the next line break in the buffer.
    private mutating func lineEnd() -> Int? {
        let start = max(position, searched)
        let end = buffer.withUnsafeBytes { bytes -> Int? in
            guard let base = bytes.baseAddress, start < bytes.count,
                let found = memchr(base + start, 10, bytes.count - start)
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
        searched = end ?? buffer.count
        return end
    }

    private mutating func advance(to place: Int) {
        position = min(place, buffer.count)
        searched = position
    }

    private mutating func skipLongLine() throws(SpoolError) -> SpoolLine {
        var digest = SHA256()
        var length = 0
        number += 1
        while true {
            let end = lineEnd()
            let part = Array(buffer[position..<(end ?? buffer.count)])
            digest.update(data: part)
            length += part.count
            advance(to: end.map { $0 + 1 } ?? buffer.count)
            if end != nil || ended { return .tooLong(length: length, sha256: hexDigits(digest.finalize())) }
            try fill()
        }
    }

    private mutating func fill() throws(SpoolError) {
        if position > 0 {
            buffer.removeSubrange(..<position)
            advance(to: 0)
        }
        var problem: Int32 = 0
        let piece = [UInt8](unsafeUninitializedCapacity: chunk) { bytes, count in
            let got = read(descriptor, bytes.baseAddress, chunk)
            problem = got < 0 ? errno : 0
            count = max(0, got)
        }
        if problem == EINTR { return }
        guard problem == 0 else { throw SpoolError(doing: "read", path: "spool file", errno: problem) }
        ended = piece.isEmpty
        buffer += piece
    }
}

extension SpoolLine {
    /// The line in `bytes`; nil when it is empty.
    fileprivate init?(_ bytes: ArraySlice<UInt8>, limit: Int) {
        let bytes = bytes.last == 13 ? bytes.dropLast() : bytes
        guard !bytes.isEmpty else { return nil }
        let line = Array(bytes)
        self =
            line.count <= limit
            ? .line(line) : .tooLong(length: line.count, sha256: hexDigits(SHA256.hash(data: line)))
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
