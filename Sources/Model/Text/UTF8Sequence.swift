// UTF-8 as Unicode's table 3-7 allows it: no overlong forms, no surrogates, nothing above U+10FFFF.

/// Well-formed UTF-8 sequences.
enum UTF8Sequence {
    /// Length in bytes of the well-formed sequence at `index` (1 to 4); 0 when there is none.
    static func length(at index: Int, in bytes: UnsafePointer<UInt8>, count: Int) -> Int {
        let lead = bytes[index]
        let left = count - index
        func follows(_ offset: Int, _ range: ClosedRange<UInt8> = 0x80...0xBF) -> Bool {
            range.contains(bytes[index + offset])
        }
        switch lead {
        case 0x00...0x7F:
            return 1
        case 0xC2...0xDF:
            return left >= 2 && follows(1) ? 2 : 0
        case 0xE0...0xEF:
            let second: ClosedRange<UInt8> =
                lead == 0xE0 ? 0xA0...0xBF : lead == 0xED ? 0x80...0x9F : 0x80...0xBF
            return left >= 3 && follows(1, second) && follows(2) ? 3 : 0
        case 0xF0...0xF4:
            let second: ClosedRange<UInt8> =
                lead == 0xF0 ? 0x90...0xBF : lead == 0xF4 ? 0x80...0x8F : 0x80...0xBF
            return left >= 4 && follows(1, second) && follows(2) && follows(3) ? 4 : 0
        default:
            return 0
        }
    }
}
