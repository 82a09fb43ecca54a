// A moment on the wall clock, as the outbox stores it. Pure value; every rule that needs the time takes one.

/// A moment: milliseconds since the Unix epoch, UTC.
package struct Timestamp: Sendable, Hashable, Comparable, Codable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    package var milliseconds: Int64

    /// A moment `milliseconds` after the Unix epoch.
    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// Whole seconds since the Unix epoch, rounded down; what `webhook-timestamp` carries.
    package var seconds: Int64 {
        milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// The moment `span` later.
    package static func + (moment: Timestamp, span: Span) -> Timestamp {
        Timestamp(milliseconds: moment.milliseconds &+ span.milliseconds)
    }

    /// The span from `earlier` to `later`; negative when the clock was set back between them.
    package static func - (later: Timestamp, earlier: Timestamp) -> Span {
        Span(milliseconds: later.milliseconds &- earlier.milliseconds)
    }
}

/// A length of time in milliseconds; what INI durations (`100ms 5s 10m 1h 3d`) are read into.
package struct Span: Sendable, Hashable, Comparable, Codable {
    /// Length in milliseconds; negative only as the difference of two timestamps.
    package var milliseconds: Int64

    /// A span of `milliseconds`.
    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// A span of whole milliseconds.
    package static func milliseconds(_ count: Int64) -> Span { Span(milliseconds: count) }
    /// A span of whole seconds.
    package static func seconds(_ count: Int64) -> Span { Span(milliseconds: count * 1000) }
    /// A span of whole minutes.
    package static func minutes(_ count: Int64) -> Span { Span(milliseconds: count * 60_000) }
    /// A span of whole hours.
    package static func hours(_ count: Int64) -> Span { Span(milliseconds: count * 3_600_000) }
    /// A span of whole days.
    package static func days(_ count: Int64) -> Span { Span(milliseconds: count * 86_400_000) }

    package static func < (left: Span, right: Span) -> Bool {
        left.milliseconds < right.milliseconds
    }

    package static func + (left: Span, right: Span) -> Span {
        Span(milliseconds: left.milliseconds &+ right.milliseconds)
    }
}
