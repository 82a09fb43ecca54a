// Where log lines go: standard error, one write(2) a line, so that lines of several threads never mix.
// Failure: a line that cannot be written is lost; there is nowhere to say so.

import Glibc
import Logging
import Model
import Mailbox
import Settings

/// The daemon's log, shared by all loggers; level and secrets change with a reload.
final class LogOutput: Sendable {
    private struct State {
        var level: Logger.Level
        var redaction: Redaction
    }

    private let state: Lock<State>
    private let descriptor: Int32
    /// How lines are written; never `auto`.
    let format: LogFormat

    /// A log to `descriptor`. `auto` is journald's format when standard error is journald's.
    init(settings: Settings, isJournal: Bool, descriptor: Int32 = STDERR_FILENO) {
        state = Lock(State(level: LogOutput.level(settings), redaction: settings.redaction))
        self.descriptor = descriptor
        format = settings.logFormat == .auto ? (isJournal ? .journald : .text) : settings.logFormat
    }

    /// Whether `descriptor` is the stream to the journal that JOURNAL_STREAM names by device and inode
    /// (systemd.exec(5)): the variable alone is also inherited by whoever writes somewhere else.
    static func isJournal(_ environment: [String: String], descriptor: Int32 = STDERR_FILENO) -> Bool {
        var information = stat()
        guard let stream = environment["JOURNAL_STREAM"], fstat(descriptor, &information) == 0 else {
            return false
        }
        return stream == "\(information.st_dev):\(information.st_ino)"
    }

    /// Level and secrets of a new configuration; the format stays.
    func apply(_ settings: Settings) {
        state.withLock { $0 = State(level: LogOutput.level(settings), redaction: settings.redaction) }
    }

    /// Least important message that is logged.
    var level: Logger.Level { state.withLock { $0.level } }

    /// Writes `line`, its secrets replaced.
    func write(_ line: LogLine) {
        let redaction = state.withLock { $0.redaction }
        var line = line
        line.message = redaction.redact(line.message)
        line.fields = line.fields.map { ($0.key, redaction.redact($0.value)) }
        let bytes = line.bytes(format)
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            written += count
        }
    }

    private static func level(_ settings: Settings) -> Logger.Level {
        Logger.Level(rawValue: settings.logLevel.rawValue) ?? .info
    }
}
