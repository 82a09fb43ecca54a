// Standard output as commands use it. Failure: a closed pipe ends the command quietly (`… | head`); any other failed
// write is an error, since a command whose output was lost has not done what it was asked for.

import Glibc

/// Where commands write.
struct Terminal: Sendable {
    /// Columns; nil when output goes to a file or pipe, which have none.
    let width: Int?
    /// Colours.
    let style: Style

    /// Standard output.
    static let standard = Terminal(descriptor: STDOUT_FILENO)

    private let descriptor: Int32

    /// The terminal, file or pipe at `descriptor`.
    init(descriptor: Int32) {
        self.descriptor = descriptor
        let isTerminal = isatty(descriptor) == 1
        var size = winsize()
        let hasSize = isTerminal && ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        width = isTerminal ? (hasSize ? Int(size.ws_col) : 80) : nil
        let isWanted =
            (getenv("NO_COLOR").map { $0.pointee == 0 } ?? true)
            && getenv("TERM").map { String(cString: $0) } != "dumb"
        style = Style(isOn: isTerminal && isWanted)
    }

    /// Says what is wrong on standard error; strangers' text in it does no harm.
    static func complain(_ text: String) {
        try? Terminal(descriptor: STDERR_FILENO).write(Neutral.block(text))
    }

    /// Writes a line.
    func write(_ line: String = "") throws(CommandFailure) {
        try write(bytes: Array((line + "\n").utf8))
    }

    /// Writes text as it is, without a line break.
    func write(text: String) throws(CommandFailure) {
        try write(bytes: Array(text.utf8))
    }

    /// Writes a table.
    func write(_ table: Table) throws(CommandFailure) {
        for line in table.lines(width: width, style: style) { try write(line) }
    }

    /// Writes JSON and a line break, harmless for a terminal too.
    func write(json: [UInt8]) throws(CommandFailure) {
        let text = Neutral.json(json)
        try write(bytes: Array((text.hasSuffix("\n") ? text : text + "\n").utf8))
    }

    /// Writes lines of JSON: byte for byte into a file or pipe, harmless on a terminal.
    func write(lines: [UInt8]) throws(CommandFailure) {
        guard width != nil else { return try write(bytes: lines) }
        try write(text: Neutral.json(lines))
    }

    /// Writes bytes as they are.
    func write(bytes: [UInt8]) throws(CommandFailure) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw CommandFailure("cannot write: \(String(cString: strerror(errno)))") }
            written += count
        }
    }
}
