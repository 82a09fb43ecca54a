// Reads a regular expression into a tree. What other engines have and this one cannot is named in the error.

/// Reads an expression from left to right.
struct PatternParser {
    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var depth = 0
    private var flags = PatternFlags()
    private var hasGroup = false

    /// Deepest nesting of groups.
    private static let maximumDepth = 100
    /// Largest number in `{m,n}`.
    private static let maximumCount = 1_000

    /// A parser at the beginning of `source`.
    init(_ source: String) {
        scalars = Array(source.unicodeScalars)
    }

    /// The whole expression.
    mutating func parse() throws(ValueError) -> (PatternNode, PatternFlags) {
        try readFlags()
        let node = try alternatives()
        guard position == scalars.count else { throw error("`)` without `(`") }
        return (node, flags)
    }

    private mutating func readFlags() throws(ValueError) {
        guard take("(?"), let first = peek, "ims".unicodeScalars.contains(first) else {
            position = 0
            return
        }
        while !take(")") {
            guard let flag = next() else { throw error("`(?` is not closed") }
            switch flag {
            case "i": flags.ignoresCase = true
            case "m": flags.multiline = true
            case "s": flags.dotMatchesAll = true
            default: throw error("flags stand at the start and are i, m, s: (?i)")
            }
        }
    }

    private mutating func alternatives() throws(ValueError) -> PatternNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw error("groups are nested too deeply") }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence() throws(ValueError) -> PatternNode {
        var parts: [PatternNode] = []
        while let next = peek, next != "|", next != ")" {
            parts.append(try quantified(try atom()))
        }
        return parts.isEmpty ? .empty : .sequence(parts)
    }

    // MARK: Repetition

    private mutating func quantified(_ atom: PatternNode) throws(ValueError) -> PatternNode {
        guard let (minimum, maximum) = try quantifier() else { return atom }
        if case .assertion = atom { throw error("nothing to repeat") }
        let greedy = !take("?")
        if greedy, take("+") { throw error("possessive quantifiers are not supported") }
        if try quantifier() != nil { throw error("two quantifiers in a row; write (?:…) around the first") }
        return .repetition(atom, minimum: minimum, maximum: maximum, greedy: greedy)
    }

    private mutating func quantifier() throws(ValueError) -> (Int, Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        let start = position
        guard take("{"), let minimum = number() else {
            position = start
            return nil
        }
        var maximum: Int? = minimum
        if take(",") { maximum = number() }
        guard take("}") else {
            // As everywhere else, a brace that begins no quantifier is a brace.
            position = start
            return nil
        }
        guard minimum <= Self.maximumCount, maximum ?? 0 <= Self.maximumCount, minimum <= maximum ?? minimum
        else {
            throw error("`{m,n}` goes up to \(Self.maximumCount), m before n")
        }
        return (minimum, maximum)
    }

    private mutating func number() -> Int? {
        var digits = ""
        while let next = peek, ("0"..."9").contains(next), digits.utf8.count < 6 {
            digits.unicodeScalars.append(next)
            position += 1
        }
        return Int(digits)
    }

    // MARK: Atoms

    private mutating func atom() throws(ValueError) -> PatternNode {
        guard let scalar = next() else { throw error("the expression ends early") }
        switch scalar {
        case "(": return try group()
        case "[": return .set(try classSet())
        case ".":
            return .set(ScalarSet(ranges: flags.dotMatchesAll ? [] : [0x0A...0x0A], isNegated: true))
        case "^": return .assertion(flags.multiline ? .lineStart : .start)
        case "$": return .assertion(flags.multiline ? .lineEnd : .end)
        case "*", "+", "?": throw error("nothing to repeat before `\(scalar)`")
        case "\\": return try escape()
        default: return .set(ScalarSet(scalar))
        }
    }

    private mutating func group() throws(ValueError) -> PatternNode {
        var captures = true
        if take("?") {
            if take(":") {
                captures = false
            } else if take("P<") || take("<") {
                if peek == "=" || peek == "!" { throw error("look-behind is not supported") }
                while let letter = next(), letter != ">" {
                    guard ScalarSet.word.contains(letter.value) else {
                        throw error("a group's name is letters, digits and _")
                    }
                }
            } else if peek == "=" || peek == "!" {
                throw error("look-ahead is not supported")
            } else {
                throw error("`(?` is followed by `:` or `<name>`; flags stand at the start")
            }
        }
        let isFirst = captures && !hasGroup
        hasGroup = hasGroup || captures
        let inner = try alternatives()
        guard take(")") else { throw error("`(` is not closed") }
        return isFirst ? .capture(inner) : inner
    }

    private mutating func escape() throws(ValueError) -> PatternNode {
        switch peek {
        case "b": position += 1; return .assertion(.wordBoundary)
        case "B": position += 1; return .assertion(.noWordBoundary)
        case "A": position += 1; return .assertion(.start)
        case "z", "Z": position += 1; return .assertion(.end)
        default: return .set(try escapedSet())
        }
    }

    /// What a backslash makes of the next scalar, inside a class or not.
    private mutating func escapedSet() throws(ValueError) -> ScalarSet {
        guard let scalar = next() else { throw error("a backslash at the end") }
        switch scalar {
        case "d": return .digits
        case "w": return .word
        case "s": return .space
        case "D": return ScalarSet(ranges: ScalarSet.digits.ranges, isNegated: true)
        case "W": return ScalarSet(ranges: ScalarSet.word.ranges, isNegated: true)
        case "S": return ScalarSet(ranges: ScalarSet.space.ranges, isNegated: true)
        case "t": return ScalarSet("\t")
        case "n": return ScalarSet("\n")
        case "r": return ScalarSet("\r")
        case "f": return ScalarSet("\u{0C}")
        case "v": return ScalarSet("\u{0B}")
        case "0": return ScalarSet("\u{0}")
        case "x": return ScalarSet(try hexadecimal(digits: 2))
        case "u": return ScalarSet(try hexadecimal(digits: 4))
        case "1"..."9", "k": throw error("back-references are not supported")
        case _ where ScalarSet.word.contains(scalar.value) && scalar != "_":
            throw error("`\\\(scalar)` is not supported")
        default: return ScalarSet(scalar)
        }
    }

    private mutating func hexadecimal(digits: Int) throws(ValueError) -> Unicode.Scalar {
        var text = ""
        while text.unicodeScalars.count < digits, let digit = next() { text.unicodeScalars.append(digit) }
        guard text.unicodeScalars.count == digits, text.utf8.allSatisfy({ $0.isDigit || $0.isLetter }),
            let value = UInt32(text, radix: 16), let scalar = Unicode.Scalar(value)
        else { throw error("expected \(digits) hexadecimal digits") }
        return scalar
    }

    // MARK: Classes

    private mutating func classSet() throws(ValueError) -> ScalarSet {
        let isNegated = take("^")
        var ranges: [ClosedRange<UInt32>] = []
        var isFirst = true
        while true {
            guard let scalar = next() else { throw error("`[` is not closed") }
            if scalar == "]", !isFirst { break }
            isFirst = false
            let low = scalar == "\\" ? try escapedSet() : ScalarSet(scalar)
            guard peek == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
                ranges += low.flattened
                continue
            }
            position += 1
            guard let end = next() else { throw error("`[` is not closed") }
            let high = end == "\\" ? try escapedSet() : ScalarSet(end)
            guard let first = low.single, let last = high.single, first <= last else {
                throw error("a range in `[…]` goes from one character to a later one")
            }
            ranges.append(first...last)
        }
        return ScalarSet(ranges: ranges, isNegated: isNegated)
    }

    // MARK: Scalars

    private var peek: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private mutating func next() -> Unicode.Scalar? {
        guard position < scalars.count else { return nil }
        position += 1
        return scalars[position - 1]
    }

    private mutating func take(_ text: String) -> Bool {
        guard scalars[position...].starts(with: text.unicodeScalars) else { return false }
        position += text.unicodeScalars.count
        return true
    }

    private func error(_ message: String) -> ValueError {
        ValueError("the regular expression is not understood at character \(position): \(message)")
    }
}

extension ScalarSet {
    /// The only scalar of the set; nil when there are more.
    fileprivate var single: UInt32? {
        guard !isNegated, ranges.count == 1, ranges[0].count == 1 else { return nil }
        return ranges[0].lowerBound
    }
}
