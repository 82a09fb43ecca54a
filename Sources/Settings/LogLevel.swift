// `log_level` and `log_format`. The levels are those of swift-log, which this module does not import.

/// `log_level`: least important message that is logged.
package enum LogLevel: String, Sendable, Equatable, CaseIterable {
    case trace, debug, info, notice, warning, error, critical
}

/// `log_format`: how messages are written to standard error.
package enum LogFormat: String, Sendable, Equatable, CaseIterable {
    /// `journald` under systemd (`JOURNAL_STREAM` is set), otherwise `text`.
    case auto
    /// Lines with a priority, `<4>message key=value`.
    case journald
    /// Lines with time and level.
    case text
    /// One JSON object a line.
    case json
}
