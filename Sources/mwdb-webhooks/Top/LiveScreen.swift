// The terminal while `top` has it: alternate screen, keys at once and without echo, everything as before at the end,
// also when a signal ends it. Failure: a terminal that cannot be set or written to is a failure of the command.

import Glibc

/// The terminal, taken over.
final class LiveScreen {
    /// What was pressed.
    enum Key: Equatable {
        case quit, up, down, pageUp, pageDown, other
    }

    private let terminal: Terminal

    /// Takes over the terminal at standard input and output.
    init() throws(CommandFailure) {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
            throw CommandFailure("this is no terminal; `mwdb-webhooks top --once` prints one screen")
        }
        guard tcgetattr(STDIN_FILENO, &savedTerminal) == 0 else {
            throw CommandFailure("cannot use the terminal: \(String(cString: strerror(errno)))")
        }
        terminal = .standard
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] { signal(number, endBySignal) }
        // A pause would leave the shell with our screen.
        signal(SIGTSTP, SIG_IGN)
        // Only to be woken: the size is asked for at each drawing.
        signal(SIGWINCH, { _ in })
        var settings = savedTerminal
        settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
        guard tcsetattr(STDIN_FILENO, TCSANOW, &settings) == 0 else {
            throw CommandFailure("cannot use the terminal: \(String(cString: strerror(errno)))")
        }
        try terminal.write(text: "\u{1b}[?1049h\u{1b}[?25l")
    }

    deinit { giveBack() }

    /// Columns and lines now.
    var size: (width: Int, height: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Colours.
    var style: Style { terminal.style }

    /// Shows these lines in place of what was there, without flicker.
    func draw(_ lines: [String]) throws(CommandFailure) {
        let text = lines.map { $0 + "\u{1b}[K" }.joined(separator: "\r\n")
        try terminal.write(text: "\u{1b}[H" + text + "\u{1b}[J")
    }

    /// Waits for a key; nil when none came or the size changed.
    func key(within milliseconds: Int32) -> Key? {
        var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard poll(&descriptor, 1, milliseconds) > 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = read(STDIN_FILENO, &bytes, bytes.count)
        // The terminal is gone.
        guard count > 0 else { return .quit }
        return Self.key(bytes[..<count])
    }

    /// What these bytes of a terminal mean.
    static func key(_ bytes: ArraySlice<UInt8>) -> Key {
        switch Array(bytes) {
        case Array("q".utf8), Array("Q".utf8), [4]: .quit
        case Array("\u{1b}[A".utf8), Array("\u{1b}OA".utf8), Array("k".utf8): .up
        case Array("\u{1b}[B".utf8), Array("\u{1b}OB".utf8), Array("j".utf8): .down
        case Array("\u{1b}[5~".utf8): .pageUp
        case Array("\u{1b}[6~".utf8), Array(" ".utf8): .pageDown
        default: .other
        }
    }
}

/// The terminal as it was; read by a signal handler, so it cannot be in a lock. Written once, before the handlers.
private nonisolated(unsafe) var savedTerminal = termios()

/// Only calls that a signal handler may make.
private func giveBack() {
    let text: StaticString = "\u{1b}[?25h\u{1b}[?1049l"
    _ = write(STDOUT_FILENO, text.utf8Start, text.utf8CodeUnitCount)
    _ = tcsetattr(STDIN_FILENO, TCSANOW, &savedTerminal)
}

private let endBySignal: @convention(c) (Int32) -> Void = { number in
    giveBack()
    _exit(128 + number)
}
