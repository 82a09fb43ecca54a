// One log message as one line, in the format that its reader wants. Pure: no clock, no descriptor.
// Values may come from strangers: line breaks and control characters are escaped, so that nobody can write a line of
// their own into the log, or a colour into a terminal.

import Logging
import Model
import Settings

/// A log message with its details.
struct LogLine: Sendable {
    /// When.
    var time: Timestamp
    /// How important.
    var level: Logger.Level
    /// What, always in the same words.
    var message: String
    /// Details, sorted by their dotted keys.
    var fields: [(key: String, value: String)]

    /// Longest value; what is over is cut off. journald splits lines at 48 KiB.
    static let longestValue = 4096

    /// The line in `format`, which is not `auto`, with its line break.
    func bytes(_ format: LogFormat) -> [UInt8] {
        switch format {
        case .json: json()
        case .journald: Array("<\(priority)>\(text)\n".utf8)
        case .text, .auto: Array("\(time.rfc3339) \(paddedLevel) \(text)\n".utf8)
        }
    }

    /// Priority of syslog(3), as journald takes it from the beginning of a line (sd-daemon(3)).
    private var priority: Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    private var paddedLevel: String {
        level.rawValue + String(repeating: " ", count: 8 - level.rawValue.utf8.count)
    }

    private var text: String {
        fields.reduce(Neutral.line(Self.cut(message))) { $0 + " " + $1.key + "=" + Self.quoted($1.value) }
    }

    private func json() -> [UInt8] {
        var members: [JSON.Member] = [
            .init(key: "time", value: .string(time.rfc3339)),
            .init(key: "level", value: .string(level.rawValue)),
            .init(key: "message", value: .string(Self.cut(message))),
        ]
        members += fields.map { .init(key: $0.key, value: .string(Self.cut($0.value))) }
        return JSON.object(members).serialised() + [10]
    }

    /// `value` as it is, or in quotes where it would not read as one word.
    private static func quoted(_ value: String) -> String {
        let shown = Neutral.line(cut(value))
        let isWord = !shown.isEmpty && shown.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x3d }
        guard !isWord else { return shown }
        return "\"" + shown.replacing("\"", with: "\\\"") + "\""
    }

    private static func cut(_ text: String) -> String {
        guard text.utf8.count > longestValue else { return text }
        return String(decoding: text.utf8.prefix(longestValue), as: UTF8.self) + "…"
    }
}
