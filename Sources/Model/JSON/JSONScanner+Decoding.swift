// Turning what was scanned into values: strings with their escapes undone, keys compared without copying.
// Nothing here can fail: the scanner has validated the bytes.

extension JSONScanner {
    /// The bytes of `range`.
    func buffer(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: bytes + range.lowerBound, count: range.count)
    }

    /// The string that `slice` stands for; lone surrogates become U+FFFD.
    func decoded(_ slice: StringSlice) -> String {
        let raw = buffer(slice.start..<slice.end)
        guard slice.escaped else { return String(decoding: raw, as: UTF8.self) }
        return unescaped(slice)
    }

    /// Whether `slice` stands for `word`.
    @inline(__always)
    func matches(_ slice: StringSlice, _ word: StaticString) -> Bool {
        if slice.escaped { return decoded(slice) == word.description }
        return slice.count == word.utf8CodeUnitCount && equal(slice.start, word)
    }

    /// Whether the bytes at `start` are `word`; as many must be left.
    @inline(__always)
    func equal(_ start: Int, _ word: StaticString) -> Bool {
        let expected = word.utf8Start
        for index in 0..<word.utf8CodeUnitCount where bytes[start &+ index] != expected[index] {
            return false
        }
        return true
    }

    private func unescaped(_ slice: StringSlice) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(slice.count)
        var index = slice.start
        while index < slice.end {
            let byte = bytes[index]
            guard byte == 0x5C else {
                result.append(byte)
                index += 1
                continue
            }
            switch bytes[index + 1] {
            case 0x62: result.append(0x08)
            case 0x66: result.append(0x0C)
            case 0x6E: result.append(0x0A)
            case 0x72: result.append(0x0D)
            case 0x74: result.append(0x09)
            case 0x75:
                let (scalar, length) = unicodeEscape(at: index, end: slice.end)
                result.append(contentsOf: UTF8.encode(scalar).unsafelyUnwrapped)
                index += length
                continue
            case let literal: result.append(literal)
            }
            index += 2
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The scalar of a `\uXXXX` at `index`, with its second half when it is a surrogate pair, and its length.
    private func unicodeEscape(at index: Int, end: Int) -> (Unicode.Scalar, Int) {
        let first = hexadecimal(at: index + 2) ?? 0xFFFD
        if let scalar = Unicode.Scalar(first) { return (scalar, 6) }
        let low = index + 6
        guard first < 0xDC00, low + 6 <= end, bytes[low] == 0x5C, bytes[low + 1] == 0x75,
            let second = hexadecimal(at: low + 2), (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { return ("\u{FFFD}", 6) }
        return (scalar, 12)
    }

    /// The value of the four hexadecimal digits at `index`; nil when they are not there.
    func hexadecimal(at index: Int) -> UInt32? {
        guard index + 4 <= count else { return nil }
        var value: UInt32 = 0
        for offset in 0..<4 {
            let byte = bytes[index + offset]
            switch byte {
            case 0x30...0x39: value = value << 4 | UInt32(byte - 0x30)
            case 0x41...0x46, 0x61...0x66: value = value << 4 | UInt32((byte | 0x20) - 0x57)
            default: return nil
            }
        }
        return value
    }
}
