// Single values out of a JSON text, without a tree of the rest: an answer may be megabytes long, and the thread that
// reads it is the one that serves all plugins.

/// A JSON text of which some values are wanted.
struct JSONText {
    private let bytes: [UInt8]
    /// Where the text begins: some receivers put a byte order mark in front.
    private let start: Int

    /// The text `bytes`.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// The value reached by going down `steps`, as `JSON.value(at:)` goes; nil when there is none or the text, all of
    /// it, is no JSON.
    func value(at steps: [String]) -> JSON? {
        range(of: steps).flatMap { try? JSON.parse(Array(bytes[$0])) }
    }

    /// The first `most` elements of the array at `steps`, as they are written, and how many there are; nil when there is
    /// no array.
    func elements(at steps: [String], most: Int) -> (first: [ArraySlice<UInt8>], count: Int)? {
        guard let list = range(of: steps), bytes[list.lowerBound] == UInt8(ascii: "[") else { return nil }
        var elements: [ArraySlice<UInt8>] = []
        var count = 0
        _ = scan(from: list.lowerBound) { (scanner) throws(JSONError) in
            try scanner.array(depth: 0) { (scanner) throws(JSONError) in
                let range = try scanner.range(depth: 1)
                if count < most { elements.append(bytes[range.offset(by: list.lowerBound)]) }
                count += 1
            }
        }
        return (elements, count)
    }

    private func range(of steps: [String]) -> Range<Int>? {
        let found = scan(from: start) { (scanner) throws(JSONError) in
            let found = try find(steps[...], &scanner, depth: 0)
            try scanner.finish()
            return found
        }
        return found.flatMap { $0 }?.offset(by: start)
    }

    /// What `body` reads from `index` on; nil when it throws.
    private func scan<Result>(
        from index: Int, _ body: (inout JSONScanner) throws(JSONError) -> Result
    ) -> Result? {
        bytes.withUnsafeBufferPointer { buffer in
            var scanner = JSONScanner(UnsafeBufferPointer(rebasing: buffer[index...]))
            do throws(JSONError) { return try body(&scanner) } catch { return nil }
        }
    }

    /// Consumes a value; where in it `steps` lead. Of several members of one name the last counts.
    private func find(
        _ steps: ArraySlice<String>, _ scanner: inout JSONScanner, depth: Int
    ) throws(JSONError) -> Range<Int>? {
        guard let step = steps.first else { return try scanner.range(depth: depth) }
        var found: Range<Int>?
        switch scanner.peek() {
        case UInt8(ascii: "{"):
            let key = Array(step.utf8)
            try scanner.object(depth: depth) { (scanner, name) throws(JSONError) in
                if scanner.matches(name, key) {
                    found = try find(steps.dropFirst(), &scanner, depth: depth + 1)
                } else {
                    try scanner.skipValue(depth: depth + 1)
                }
            }
        case UInt8(ascii: "["):
            let wanted = JSON.index(step)
            var index = 0
            try scanner.array(depth: depth) { (scanner) throws(JSONError) in
                if index == wanted {
                    found = try find(steps.dropFirst(), &scanner, depth: depth + 1)
                } else {
                    try scanner.skipValue(depth: depth + 1)
                }
                index += 1
            }
        default: try scanner.skipValue(depth: depth)
        }
        return found
    }
}

extension JSONScanner {
    /// Consumes a value; where it stands.
    fileprivate mutating func range(depth: Int) throws(JSONError) -> Range<Int> {
        _ = peek()
        let start = position
        try skipValue(depth: depth)
        return start..<position
    }

    /// Whether `slice` stands for `word`, byte for byte (RFC 6901, 4).
    fileprivate func matches(_ slice: StringSlice, _ word: [UInt8]) -> Bool {
        if slice.escaped { return decoded(slice).utf8.elementsEqual(word) }
        return slice.count == word.count && buffer(slice.start..<slice.end).elementsEqual(word)
    }
}

extension Range<Int> {
    fileprivate func offset(by distance: Int) -> Range<Int> {
        lowerBound + distance..<upperBound + distance
    }
}
