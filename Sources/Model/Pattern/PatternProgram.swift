// A regular expression as instructions for the matcher.

/// The instructions of an expression.
struct PatternProgram: Sendable, Equatable {
    /// One instruction; numbers are indices of instructions.
    enum Instruction: Sendable, Equatable {
        /// One scalar of the set with this index, then the next instruction.
        case set(Int)
        /// This very scalar, then the next instruction.
        case scalar(UInt32)
        /// Only where this holds.
        case assertion(PatternAssertion)
        /// Both, the first with priority.
        case split(Int, Int)
        /// Go there.
        case jump(Int)
        /// The first group begins or ends here.
        case groupStart
        case groupEnd
        /// Matched.
        case match
    }

    /// What is run from index 0. Instructions hold no references, so that running them counts none.
    private(set) var instructions: [Instruction] = []
    /// Sets of scalars, each once.
    private(set) var sets: [ScalarTable] = []
    /// The expression has a capturing group.
    private(set) var hasGroup = false

    /// Most instructions: the bound on time for each scalar of a text.
    static let maximumCount = 1_000

    private var steps = 0
    private let ignoresCase: Bool

    /// The instructions for `node`.
    /// - Throws: `ValueError` when they are too many.
    init(_ node: PatternNode, flags: PatternFlags) throws(ValueError) {
        ignoresCase = flags.ignoresCase
        try emit(node)
        instructions.append(.match)
    }

    private mutating func emit(_ node: PatternNode) throws(ValueError) {
        steps += 1
        guard steps <= Self.maximumCount, instructions.count < Self.maximumCount else {
            throw ValueError("the regular expression is too large; smaller counts in {m,n} make it smaller")
        }
        switch node {
        case .empty:
            break
        case .set(let set):
            emit(set)
        case .assertion(let assertion):
            instructions.append(.assertion(assertion))
        case .sequence(let parts):
            for part in parts { try emit(part) }
        case .alternatives(let branches):
            try emit(branches[...])
        case .capture(let inner):
            hasGroup = true
            instructions.append(.groupStart)
            try emit(inner)
            instructions.append(.groupEnd)
        case .repetition(let inner, let minimum, let maximum, let greedy):
            guard let maximum else { return try emitUnbounded(inner, minimum: minimum, greedy: greedy) }
            for _ in 0..<minimum { try emit(inner) }
            try emitOptional(inner, times: maximum - minimum, greedy: greedy)
        }
    }

    private mutating func emit(_ set: ScalarSet) {
        let set = ignoresCase ? set.ignoringCase : set
        if !set.isNegated, set.ranges.count == 1, set.ranges[0].count == 1 {
            instructions.append(.scalar(set.ranges[0].lowerBound))
        } else {
            let table = ScalarTable(set)
            let index = sets.firstIndex(of: table) ?? sets.count
            if index == sets.count { sets.append(table) }
            instructions.append(.set(index))
        }
    }

    private mutating func emit(_ branches: ArraySlice<PatternNode>) throws(ValueError) {
        var jumps: [Int] = []
        for branch in branches.dropLast() {
            let split = reserve()
            try emit(branch)
            jumps.append(reserve())
            instructions[split] = .split(split + 1, instructions.count)
        }
        if let last = branches.last { try emit(last) }
        for jump in jumps { instructions[jump] = .jump(instructions.count) }
    }

    private mutating func emitOptional(_ node: PatternNode, times: Int, greedy: Bool) throws(ValueError) {
        var splits: [Int] = []
        for _ in 0..<times {
            splits.append(reserve())
            try emit(node)
        }
        for split in splits { instructions[split] = fork(split + 1, instructions.count, greedy) }
    }

    /// `x{m,}` as m - 1 times x and `x+`, `x*` as `(x+)?`: a body that matches nothing then ends the loop, as in
    /// other engines.
    private mutating func emitUnbounded(_ node: PatternNode, minimum: Int, greedy: Bool) throws(ValueError) {
        for _ in 0..<max(0, minimum - 1) { try emit(node) }
        let skip = minimum == 0 ? reserve() : nil
        let body = instructions.count
        try emit(node)
        instructions.append(fork(body, instructions.count + 1, greedy))
        if let skip { instructions[skip] = fork(skip + 1, instructions.count, greedy) }
    }

    private func fork(_ again: Int, _ on: Int, _ greedy: Bool) -> Instruction {
        greedy ? .split(again, on) : .split(on, again)
    }

    /// The index of an instruction that is filled in later.
    private mutating func reserve() -> Int {
        instructions.append(.match)
        return instructions.count - 1
    }
}
