// Collects the lines of an answer's head and reads the fields out of them. A receiver mostly says the same as
// last time, so the fields of the last head are kept: equal bytes are not read again.
// Pure. Failure: lines that are no fields are left out; the limit is the caller's.

import Glibc
import Model

/// The head of an answer as it arrives. Used again for the next answer.
struct AnswerHead {
    /// Bytes of all lines so far, those of 1xx answers and trailers included.
    private(set) var byteCount = 0
    /// The final answer's head has ended.
    private(set) var isComplete = false
    private var statusLineSeen = false
    private var lines: [UInt8] = []
    private var lastLines: [UInt8] = []
    private var lastFields: [Header] = []

    /// Heads over this size are not kept for comparison.
    private static let keptSize = 4096

    /// Takes a line with its line break. True: it was the empty line that ends a head.
    mutating func append(_ line: UnsafeRawBufferPointer) -> Bool {
        byteCount += line.count
        // Trailers after a chunked body are counted and left out.
        if isComplete { return false }
        if !statusLineSeen {
            statusLineSeen = true
            return false
        }
        if line.count <= 2 && (line.first == 0x0d || line.first == 0x0a) { return true }
        lines.append(contentsOf: line)
        return false
    }

    /// The head that just ended was a 1xx: another follows.
    mutating func startOver() {
        statusLineSeen = false
        lines.removeAll(keepingCapacity: true)
    }

    /// The head that just ended was the final one.
    mutating func complete() {
        isComplete = true
    }

    /// The fields of the head, names in lower case.
    mutating func fields() -> [Header] {
        if isSameAsLast { return lastFields }
        let fields = lines.withUnsafeBytes { AnswerHead.fields($0) }
        if lines.count <= AnswerHead.keptSize {
            lastLines = lines
            lastFields = fields
        }
        return fields
    }

    private var isSameAsLast: Bool {
        guard lines.count == lastLines.count else { return false }
        return lines.withUnsafeBytes { now in
            lastLines.withUnsafeBytes { last in
                guard let now = now.baseAddress, let last = last.baseAddress else { return true }
                return memcmp(now, last, lines.count) == 0
            }
        }
    }

    /// Ready for the next answer.
    mutating func removeAll() {
        byteCount = 0
        isComplete = false
        statusLineSeen = false
        if lines.count > AnswerHead.keptSize {
            lines = []
        } else {
            lines.removeAll(keepingCapacity: true)
        }
    }

    /// The fields in `lines`.
    static func fields(_ lines: UnsafeRawBufferPointer) -> [Header] {
        var fields: [Header] = []
        fields.reserveCapacity(8)
        var rest = lines
        while let base = rest.baseAddress, rest.count > 0 {
            var end = rest.count
            if let found = memchr(base, 0x0a, rest.count) { end = UnsafeRawPointer(found) - base }
            if let field = field(UnsafeRawBufferPointer(rebasing: rest[..<end])) { fields.append(field) }
            rest = UnsafeRawBufferPointer(rebasing: rest[min(end + 1, rest.count)...])
        }
        return fields
    }

    /// The field in `line`; nil without a colon and for a continuation of the line before (obsolete, RFC 9112).
    private static func field(_ line: UnsafeRawBufferPointer) -> Header? {
        guard let base = line.baseAddress, let found = memchr(base, 0x3a, line.count) else { return nil }
        let colon = UnsafeRawPointer(found) - base
        guard colon > 0, line[0] != 0x20, line[0] != 0x09 else { return nil }
        var start = colon + 1
        var end = line.count
        while start < end && isBlank(line[start]) { start += 1 }
        while end > start && isBlank(line[end - 1]) { end -= 1 }
        let name = String(unsafeUninitializedCapacity: colon) { target in
            for index in 0..<colon {
                let byte = line[index]
                target[index] = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
            }
            return colon
        }
        let value = UnsafeRawBufferPointer(rebasing: line[start..<end])
        return Header(name, String(decoding: value, as: UTF8.self))
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0d
    }
}
