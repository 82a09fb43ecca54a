// How far a command is that takes longer than a moment: a line that is kept up to date on a terminal, a line now and then
// otherwise; on standard error, so that standard output holds the result. A command that is through within a moment says
// nothing. Failure: what cannot be written is left out.

import Glibc
import Mailbox
import Model
import Outbox

/// What the plain lines and the terminal's line show when. Pure; time is a parameter.
struct LongWorkLines {
    /// Milliseconds before the first line, between two looks, and between two plain lines.
    static let moment: Int64 = 100
    static let look: Int64 = 200
    static let say: Int64 = 10_000

    /// Columns of the terminal; nil: lines are for a file.
    let width: Int?
    private var saidAt: Timestamp?

    init(width: Int?) { self.width = width }

    /// What to write when the work stands at `text`; nil: nothing.
    mutating func next(_ text: String, at now: Timestamp) -> String? {
        if let width {
            saidAt = now
            return "\r\u{1b}[K" + Columns.cut(text, to: width - 1)
        }
        if let saidAt, now - saidAt < .milliseconds(Self.say) { return nil }
        saidAt = now
        return text + "\n"
    }

    /// What to write at the end, so that the result stands on a line of its own.
    var end: String? { width != nil && saidAt != nil ? "\r\u{1b}[K" : nil }
}

/// Says how far a command is.
final class LongWork: Sendable {
    private let text: Lock<String>
    private let over = Mailbox<Void>()
    private let thread: WorkerThread?

    /// Says on `screen` how far the work is, beginning with `text`.
    init(_ text: String, on screen: Terminal = Terminal(descriptor: STDERR_FILENO)) {
        let text = Lock(Neutral.line(text))
        let over = over
        self.text = text
        thread = try? WorkerThread(name: "progress") {
            var lines = LongWorkLines(width: screen.width)
            var wait = LongWorkLines.moment
            while over.wait(milliseconds: Int32(wait)).isEmpty {
                if let line = lines.next(text.withLock { $0 }, at: .systemClock()) {
                    try? screen.write(text: line)
                }
                wait = LongWorkLines.look
            }
            if let end = lines.end { try? screen.write(text: end) }
        }
    }

    deinit { end() }

    /// The work stands at `text`.
    func note(_ text: String) {
        let line = Neutral.line(text)
        self.text.withLock { $0 = line }
    }

    /// The work is over: nothing is said after this.
    func end() {
        over.post(())
        thread?.join()
    }
}
