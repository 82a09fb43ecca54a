// ASCII questions asked of bytes, for the small parsers of configured values.

extension UInt8 {
    /// `0` to `9`.
    var isDigit: Bool { self &- 0x30 < 10 }
    /// `A` to `Z`, `a` to `z`.
    var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }
    /// Space, tab, line feed or carriage return.
    var isBlank: Bool { self == 0x20 || self == 0x09 || self == 0x0A || self == 0x0D }
}

extension BidirectionalCollection where Element == UInt8, SubSequence == Self {
    /// Without white space at both ends.
    func trimmed() -> Self {
        var rest = self
        while let first = rest.first, first.isBlank { rest = rest.dropFirst() }
        while let last = rest.last, last.isBlank { rest = rest.dropLast() }
        return rest
    }
}

extension StringProtocol {
    /// Without ASCII white space at both ends.
    func trimmedBlanks() -> String {
        String(Substring(Substring(self).utf8.trimmed()))
    }
}
