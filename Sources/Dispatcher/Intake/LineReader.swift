// Reads a spool file line by line in constant memory, however long its lines claim to be.
// Failure: a read error is thrown with errno's words; the file stays where it is.

import Crypto
import Glibc

/// One line of a spool file.
enum SpoolLine: Equatable {
    /// A line within the limit, without its line break (LF or CR LF).
    case line([UInt8])
    /// A line over the limit: only its length is known, and its SHA-256 unless it has more than 1 GB.
    case tooLong(length: Int, sha256: String?)
    /// Much was read, and no line yet: whoever reads may do something else before going on.
    case nothingYet
}

/// Reads lines from a descriptor, which it closes at the end of the file, or with its own end.
struct LineReader: ~Copyable {
    /// Number of the line that `next` gave last, from 1; empty lines count.
    private(set) var number = 0

    private var descriptor: Int32
    private let limit: Int
    private let chunk: Int
    private let mostHashed: Int
    private var buffer: [UInt8] = []
    private var position = 0
    /// No line break before this place in the buffer: it is not looked at again.
    private var searched = 0
    private var ended = false
    /// The line over the limit that is just being read.
    private var skipped: LongLine?

    /// Most bytes of a long line, and most empty lines, that are read at a time.
    private static let patience = 8 << 20
    private static let mostEmpty = 10_000
    /// `SEEK_DATA` of lseek(2), a macro of GNU's that Swift does not see.
    private static let seekData: Int32 = 3

    /// Lines of at most `limit` bytes from `descriptor`, read in pieces of at most `chunk` bytes. Longer ones are hashed
    /// up to `mostHashed` bytes.
    init(descriptor: Int32, limit: Int, chunk: Int = 262_144, mostHashed: Int = 1 << 30) {
        self.descriptor = descriptor
        self.limit = limit
        self.mostHashed = mostHashed
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
        skipped = nil
        advance(to: 0)
        ended = true
    }

    /// The next line that is not empty; nil at the end.
    /// - Throws: `SpoolError` when the file cannot be read.
    mutating func next() throws(SpoolError) -> SpoolLine? {
        var empty = 0
        while empty < LineReader.mostEmpty {
            if let skipped { return try skip(skipped) }
            if let end = lineEnd() {
                number += 1
                let line = SpoolLine(buffer[position..<end], limit: limit)
                advance(to: end + 1)
                if let line { return line }
                empty += 1
                continue
            }
            if ended {
                number += 1
                let line = SpoolLine(buffer[position...], limit: limit)
                advance(to: buffer.count)
                if line == nil { close() }
                return line
            }
            if buffer.count - position > limit {
                number += 1
                return try skip(LongLine(mostHashed: mostHashed))
            }
            try fill()
        }
        return .nothingYet
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

    /// Goes on with a line over the limit: to its end, or so far that others may have their turn.
    private mutating func skip(_ begun: LongLine) throws(SpoolError) -> SpoolLine {
        var line = begun
        let start = line.length
        skipped = nil
        while line.length - start < LineReader.patience {
            let end = lineEnd()
            line.add(buffer[position..<(end ?? buffer.count)])
            advance(to: end.map { $0 + 1 } ?? buffer.count)
            if end != nil || ended { return .tooLong(length: line.length, sha256: line.sha256) }
            if line.sha256 == nil { line.length += jumpOverHole() }
            try fill()
        }
        skipped = line
        return .nothingYet
    }

    /// Moves over what the file has no blocks for, which is read as zeros and so has no line break.
    /// - Returns: How many bytes that are.
    private func jumpOverHole() -> Int {
        let here = lseek(descriptor, 0, SEEK_CUR)
        guard here >= 0 else { return 0 }
        var next = lseek(descriptor, here, LineReader.seekData)
        // Nothing but a hole is left.
        if next < 0 && errno == ENXIO { next = lseek(descriptor, 0, SEEK_END) }
        if next < 0 { lseek(descriptor, here, SEEK_SET) }
        return max(0, next - here)
    }

    private mutating func fill() throws(SpoolError) {
        var problem: Int32 = 0
        let piece = [UInt8](unsafeUninitializedCapacity: chunk) { bytes, count in
            let got = read(descriptor, bytes.baseAddress, chunk)
            problem = got < 0 ? errno : 0
            count = max(0, got)
        }
        if problem == EINTR { return }
        guard problem == 0 else { throw SpoolError(doing: "read", path: "spool file", errno: problem) }
        ended = piece.isEmpty
        if position == buffer.count {
            // What a long line needed is given back.
            buffer = piece
            advance(to: 0)
            return
        }
        if position > 0 {
            buffer.removeSubrange(..<position)
            advance(to: 0)
        }
        buffer += piece
    }
}

/// A line over the limit while it is read.
private struct LongLine {
    /// Bytes so far.
    var length = 0
    private var digest: SHA256? = SHA256()
    private let mostHashed: Int

    /// A line that begins, and is not hashed any more when it has more than `mostHashed` bytes.
    init(mostHashed: Int) {
        self.mostHashed = mostHashed
    }

    /// Adds bytes of it.
    mutating func add(_ bytes: ArraySlice<UInt8>) {
        length += bytes.count
        guard length <= mostHashed else { return digest = nil }
        bytes.withUnsafeBytes { digest?.update(bufferPointer: $0) }
    }

    /// SHA-256 of it; nil: it is too long for that.
    var sha256: String? { digest.map { hexDigits($0.finalize()) } }
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
