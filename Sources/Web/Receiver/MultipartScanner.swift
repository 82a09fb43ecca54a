// Takes a multipart body apart while it arrives: parts are told of as they begin, their bytes as they come, in
// constant memory however large the file. Pure: bytes in, findings out.
// Failure: a body that is no multipart ends in `broken`, and whatever came of it before stays told.

import Glibc

/// Reads `multipart/form-data` (RFC 7578) chunk by chunk.
struct MultipartScanner {
    /// What was found, in order.
    enum Finding: Equatable {
        /// A part begins, with these header lines.
        case part(headers: [String])
        /// Bytes of the latest part.
        case bytes(ArraySlice<UInt8>)
        /// The closing boundary was read.
        case end
        /// This is no multipart body of this boundary.
        case broken
    }

    private enum State {
        case preamble, headers, content, over
    }

    /// More header bytes than this in a part are not what anybody sends.
    private static let longestHead = 16_384

    private let delimiter: [UInt8]
    private var state = State.preamble
    private var pending: [UInt8]

    /// A scanner for `boundary`, without its dashes.
    init(boundary: String) {
        delimiter = Array("\r\n--\(boundary)".utf8)
        // The first delimiter needs no line break before it: pretend there was one.
        pending = [13, 10]
    }

    /// The `boundary` parameter of a content type; nil when it is no multipart/form-data.
    static func boundary(ofContentType type: String) -> String? {
        let parts = type.split(separator: ";")
        guard parts.first?.lowercased().trimmingSpaces == "multipart/form-data" else { return nil }
        for part in parts.dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, pair[0].lowercased().trimmingSpaces == "boundary" else { continue }
            let value = String(pair[1]).trimmingSpaces.filter { $0 != "\"" }
            return (1...70).contains(value.utf8.count) ? value : nil
        }
        return nil
    }

    /// Takes the next bytes of the body.
    mutating func scan(_ bytes: some Sequence<UInt8>) -> [Finding] {
        pending.append(contentsOf: bytes)
        var findings: [Finding] = []
        while step(&findings) {}
        return findings
    }

    /// What is left at the end of the body.
    mutating func finish() -> [Finding] {
        let wasOver = state == .over
        state = .over
        return wasOver ? [] : [.broken]
    }

    /// One step; false when more bytes are needed.
    private mutating func step(_ findings: inout [Finding]) -> Bool {
        switch state {
        case .over:
            pending = []
            return false
        case .headers:
            return readHeaders(&findings)
        case .preamble, .content:
            return readContent(&findings)
        }
    }

    private mutating func readContent(_ findings: inout [Finding]) -> Bool {
        guard let start = find(delimiter) else {
            // A delimiter may have begun in the last bytes.
            let safe = pending.count - (delimiter.count - 1)
            guard safe > 0 else { return false }
            if state == .content { findings.append(.bytes(pending[..<safe])) }
            pending.removeFirst(safe)
            return false
        }
        // After the delimiter stands `--` for the end, or spaces and a line break.
        let after = pending[start.upperBound...]
        guard after.count >= 2 else { return false }
        if state == .content, !start.isEmpty, start.lowerBound > 0 {
            findings.append(.bytes(pending[..<start.lowerBound]))
        }
        if after.starts(with: [45, 45]) {
            findings.append(.end)
            state = .over
            return true
        }
        guard after.starts(with: [13, 10]) else {
            findings.append(.broken)
            state = .over
            return true
        }
        // The line break stays: a part without headers has its empty line at once.
        pending.removeFirst(start.upperBound)
        state = .headers
        return true
    }

    private mutating func readHeaders(_ findings: inout [Finding]) -> Bool {
        guard let end = find([13, 10, 13, 10]) else {
            guard pending.count > MultipartScanner.longestHead else { return false }
            findings.append(.broken)
            state = .over
            return true
        }
        let head = String(decoding: pending[..<end.lowerBound], as: UTF8.self)
        // Split by line feed scalars: CR LF is one Character.
        let lines = head.unicodeScalars.split(separator: "\n").map { line in
            String(String.UnicodeScalarView(line.filter { $0 != "\r" }))
        }
        findings.append(.part(headers: lines.filter { !$0.isEmpty }))
        pending.removeFirst(end.upperBound)
        state = .content
        return true
    }

    /// Where `needle`, which begins with CR, stands in the pending bytes.
    private func find(_ needle: [UInt8]) -> Range<Int>? {
        pending.withUnsafeBytes { bytes in
            var place = 0
            while let base = bytes.baseAddress, bytes.count - place >= needle.count,
                let found = memchr(base + place, 13, bytes.count - place - needle.count + 1)
            {
                let start = UnsafeRawPointer(found) - base
                if memcmp(found, needle, needle.count) == 0 { return start..<start + needle.count }
                place = start + 1
            }
            return nil
        }
    }
}

extension String {
    /// Without spaces and tabs at both ends.
    var trimmingSpaces: String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        var rest = drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return String(rest)
    }
}
