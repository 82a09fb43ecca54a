// Runs a pattern's program over a text, all alternatives side by side: one pass, each instruction at most once for
// each scalar. Threads are kept in order of priority, so that matches are those of a backtracking engine.

/// One run over one text.
struct PatternMatcher {
    private let program: PatternProgram
    private let text: [UInt32]
    /// The text goes on beyond what is looked at, so that its end is not reached.
    private let isCut: Bool

    /// A match; positions are scalars.
    struct Match {
        var whole: Range<Int>
        /// The first group; nil when it took no part.
        var group: Range<Int>?
    }

    /// A run of `program` over the beginning of `text`.
    init(_ program: PatternProgram, _ text: String) {
        self.program = program
        let scalars = text.unicodeScalars
        self.text = scalars.prefix(Pattern.longestText).map(\.value)
        isCut = scalars.dropFirst(Pattern.longestText).first != nil
    }

    /// The scalars of `range`.
    func text(_ range: Range<Int>) -> String {
        var result = String.UnicodeScalarView()
        for value in text[range] { result.append(Unicode.Scalar(value) ?? "\u{FFFD}") }
        return String(result)
    }

    /// The first match from the left; `wholeOnly`: only one of all the text; `earliest`: any match will do, where
    /// it ends does not matter.
    func find(wholeOnly: Bool, earliest: Bool) -> Match? {
        var current = ThreadList(count: program.instructions.count)
        var next = ThreadList(count: program.instructions.count)
        var best: Match?
        var position = 0
        while true {
            if best == nil, !wholeOnly || position == 0 {
                if current.threads.isEmpty, !wholeOnly { position = candidate(from: position) }
                add(Thread(instruction: 0, start: position), at: position, to: &current)
            }
            for thread in current.threads {
                if case .match = program.instructions[thread.instruction] {
                    guard !wholeOnly || position == text.count else { continue }
                    best = thread.match(end: position)
                    if earliest { return best }
                    break
                }
                if position < text.count, consumes(thread, at: position) {
                    add(thread.advanced, at: position + 1, to: &next)
                }
            }
            swap(&current, &next)
            next.clear()
            position += 1
            if position > text.count || current.threads.isEmpty && (wholeOnly || best != nil) { return best }
        }
    }

    /// The next position at which a match can begin: skips what cannot be the first scalar.
    private func candidate(from position: Int) -> Int {
        guard case .scalar(let first) = program.instructions[0] else { return position }
        return text[position...].firstIndex(of: first) ?? text.count
    }

    private func consumes(_ thread: Thread, at position: Int) -> Bool {
        switch program.instructions[thread.instruction] {
        case .scalar(let scalar): text[position] == scalar
        case .set(let index): program.sets[index].contains(text[position])
        default: false
        }
    }

    // MARK: Threads

    /// One alternative.
    private struct Thread {
        var instruction: Int
        var start: Int
        /// Where the first group began and ended; -1: it did not.
        var groupStart = -1
        var groupEnd = -1

        var advanced: Thread {
            var thread = self
            thread.instruction += 1
            return thread
        }

        func match(end: Int) -> Match {
            Match(whole: start..<end, group: groupEnd >= 0 ? groupStart..<groupEnd : nil)
        }
    }

    /// Threads at one position, by priority; each instruction at most once.
    private struct ThreadList {
        private(set) var threads: [Thread] = []
        private var seen: [Bool]
        private var touched: [Int] = []
        /// Instructions still to be followed; kept to be used again.
        var pending: [Thread] = []

        init(count: Int) {
            seen = [Bool](repeating: false, count: count)
        }

        mutating func visit(_ instruction: Int) -> Bool {
            if seen[instruction] { return false }
            seen[instruction] = true
            touched.append(instruction)
            return true
        }

        mutating func append(_ thread: Thread) {
            threads.append(thread)
        }

        mutating func clear() {
            threads.removeAll(keepingCapacity: true)
            for instruction in touched { seen[instruction] = false }
            touched.removeAll(keepingCapacity: true)
        }
    }

    /// Adds `thread` and all that it leads to without consuming a scalar.
    private func add(_ thread: Thread, at position: Int, to list: inout ThreadList) {
        list.pending.append(thread)
        while var thread = list.pending.popLast() {
            guard list.visit(thread.instruction) else { continue }
            switch program.instructions[thread.instruction] {
            case .jump(let target):
                thread.instruction = target
                list.pending.append(thread)
            case .split(let first, let second):
                // The stack gives back the last first.
                thread.instruction = second
                list.pending.append(thread)
                thread.instruction = first
                list.pending.append(thread)
            case .groupStart:
                thread.groupStart = position
                thread.groupEnd = -1
                list.pending.append(thread.advanced)
            case .groupEnd:
                thread.groupEnd = position
                list.pending.append(thread.advanced)
            case .assertion(let assertion):
                if holds(assertion, at: position) { list.pending.append(thread.advanced) }
            case .set, .scalar, .match:
                list.append(thread)
            }
        }
    }

    private func holds(_ assertion: PatternAssertion, at position: Int) -> Bool {
        let isEnd = position == text.count && !isCut
        switch assertion {
        case .start: return position == 0
        case .end: return isEnd
        case .lineStart: return position == 0 || text[position - 1] == 0x0A
        case .lineEnd: return isEnd || position < text.count && text[position] == 0x0A
        case .wordBoundary: return isBoundary(position)
        case .noWordBoundary: return !isBoundary(position)
        }
    }

    private func isBoundary(_ position: Int) -> Bool {
        let before = position > 0 && ScalarSet.word.contains(text[position - 1])
        let after = position < text.count && ScalarSet.word.contains(text[position])
        return before != after
    }
}
