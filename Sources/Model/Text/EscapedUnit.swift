// One escape of a text whose kind is not known: JSON's `\/` and `\u002b`, a URL's `%2B` and `+`, HTML's `&amp;` and
// `&#43;`. Writers of JSON differ in what they escape, and in upper and lower case.

/// A character or byte as an escape stands for it.
struct EscapedUnit {
    /// What is found at a place of a text.
    enum Reading {
        case unit(EscapedUnit)
        /// The text ends before the escape does.
        case endsEarly
        /// No escape.
        case none
    }

    private let value: UInt32
    /// `%XX` stands for a byte, all others for a character.
    private let isByte: Bool
    /// How long the escape is, in bytes.
    let length: Int

    private init(_ value: UInt32, isByte: Bool = false, length: Int) {
        (self.value, self.isByte, self.length) = (value, isByte, length)
    }

    /// Whether an escape may begin with `byte`.
    @inline(__always)
    static func mayBegin(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "%") || byte == UInt8(ascii: "+")
            || byte == UInt8(ascii: "&")
    }

    /// How many bytes of UTF-8 it stands for.
    var byteCount: Int {
        isByte || value < 0x80 ? 1 : value < 0x800 ? 2 : value < 0x1_0000 ? 3 : 4
    }

    /// The first byte that it stands for.
    var firstByte: UInt8 {
        switch byteCount {
        case 1: UInt8(truncatingIfNeeded: value)
        case 2: UInt8(truncatingIfNeeded: 0xC0 | value >> 6)
        case 3: UInt8(truncatingIfNeeded: 0xE0 | value >> 12)
        default: UInt8(truncatingIfNeeded: 0xF0 | value >> 18)
        }
    }

    /// Whether what it stands for stands at `index` of `bytes`.
    func stands(in bytes: [UInt8], at index: Int) -> Bool {
        guard bytes.count - index >= byteCount, bytes[index] == firstByte else { return false }
        for offset in 1..<max(byteCount, 1) {
            let shift = UInt32(6 * (byteCount - 1 - offset))
            guard bytes[index + offset] == UInt8(truncatingIfNeeded: 0x80 | (value >> shift & 0x3F)) else {
                return false
            }
        }
        return true
    }

    /// The escape at `index` of `bytes`.
    static func read(_ bytes: [UInt8], at index: Int) -> Reading {
        switch bytes[index] {
        case UInt8(ascii: "+"): .unit(EscapedUnit(0x20, length: 1))
        case UInt8(ascii: "%"): percent(bytes, index)
        case UInt8(ascii: "\\"): backslash(bytes, index)
        case UInt8(ascii: "&"): reference(bytes, index)
        default: .none
        }
    }

    private static func percent(_ bytes: [UInt8], _ index: Int) -> Reading {
        switch number(bytes, index + 1, digits: 2) {
        case .value(let value): .unit(EscapedUnit(value, isByte: true, length: 3))
        case .endsEarly: .endsEarly
        case .none: .none
        }
    }

    private static func backslash(_ bytes: [UInt8], _ index: Int) -> Reading {
        guard index + 1 < bytes.count else { return .endsEarly }
        switch bytes[index + 1] {
        case UInt8(ascii: "n"): return .unit(EscapedUnit(0x0A, length: 2))
        case UInt8(ascii: "r"): return .unit(EscapedUnit(0x0D, length: 2))
        case UInt8(ascii: "t"): return .unit(EscapedUnit(0x09, length: 2))
        case UInt8(ascii: "b"): return .unit(EscapedUnit(0x08, length: 2))
        case UInt8(ascii: "f"): return .unit(EscapedUnit(0x0C, length: 2))
        case UInt8(ascii: "u"): return unicode(bytes, index)
        case let byte where byte < 0x80 && !byte.isLetter && !byte.isDigit:
            return .unit(EscapedUnit(UInt32(byte), length: 2))
        default: return .none
        }
    }

    /// `\uXXXX`, or two of them.
    private static func unicode(_ bytes: [UInt8], _ index: Int) -> Reading {
        switch number(bytes, index + 2, digits: 4) {
        case .endsEarly: return .endsEarly
        case .none: return .none
        case .value(let first):
            guard (0xD800...0xDBFF).contains(first) else { return .unit(EscapedUnit(first, length: 6)) }
            guard index + 7 < bytes.count else { return .endsEarly }
            guard bytes[index + 6] == UInt8(ascii: "\\"), bytes[index + 7] == UInt8(ascii: "u") else {
                return .none
            }
            switch number(bytes, index + 8, digits: 4) {
            case .value(let second) where (0xDC00...0xDFFF).contains(second):
                return .unit(
                    EscapedUnit(0x1_0000 + (first - 0xD800) << 10 + (second - 0xDC00), length: 12))
            case .endsEarly: return .endsEarly
            default: return .none
            }
        }
    }

    /// Names and what they stand for; those that HTML and XML writers use.
    private static let names: [(name: StaticString, value: UInt32)] = [
        ("amp;", 0x26), ("lt;", 0x3C), ("gt;", 0x3E), ("quot;", 0x22), ("apos;", 0x27),
    ]

    /// `&amp;`, `&#43;`, `&#x2B;`.
    private static func reference(_ bytes: [UInt8], _ index: Int) -> Reading {
        let rest = bytes[(index + 1)...].prefix(8)
        guard rest.first == UInt8(ascii: "#") else {
            for (name, value) in names {
                let length = name.utf8CodeUnitCount
                let isThere = name.withUTF8Buffer {
                    rest.elementsEqual($0.prefix(rest.count)) || rest.starts(with: $0)
                }
                if isThere {
                    return rest.count < length ? .endsEarly : .unit(EscapedUnit(value, length: 1 + length))
                }
            }
            return .none
        }
        var digits = rest.dropFirst()
        let isHexadecimal = digits.first.map { $0 | 0x20 } == UInt8(ascii: "x")
        if isHexadecimal { digits = digits.dropFirst() }
        let written = digits.prefix { isHexadecimal ? digit($0) != nil : $0.isDigit }
        guard written.endIndex < bytes.count else { return .endsEarly }
        guard bytes[written.endIndex] == UInt8(ascii: ";"), !written.isEmpty else { return .none }
        let value = written.reduce(UInt32(0)) { $0 * (isHexadecimal ? 16 : 10) + (digit($1) ?? 0) }
        return .unit(EscapedUnit(value, length: written.endIndex + 1 - index))
    }

    private enum Number {
        case value(UInt32), endsEarly, none
    }

    private static func number(_ bytes: [UInt8], _ index: Int, digits: Int) -> Number {
        var value: UInt32 = 0
        for position in index..<index + digits {
            guard position < bytes.count else { return .endsEarly }
            guard let digit = digit(bytes[position]) else { return .none }
            value = value << 4 | digit
        }
        return .value(value)
    }

    private static func digit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x30...0x39: UInt32(byte - 0x30)
        case 0x41...0x46, 0x61...0x66: UInt32((byte | 0x20) - 0x57)
        default: nil
        }
    }
}
