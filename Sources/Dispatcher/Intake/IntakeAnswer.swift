// What the HTTP interface answers to events that are posted to it.

/// What became of posted events.
package enum IntakeAnswer: Sendable, Equatable {
    /// All are durable; `duplicates` of the `count` new ones and duplicates together were there already.
    case accepted(count: Int, duplicates: Int)
    /// Nothing was stored: `count` lines (from 1) are no events; the first of them are named.
    case invalid([LineProblem], count: Int)
    /// Nothing was stored: `count` lines have ids that are known with other content; the first of them are named.
    case conflict([LineProblem], count: Int)
    /// Nothing was stored: an event is over `max_event_size`, or there are too many.
    case tooLarge(String)
    /// Nothing was stored, because it could not be made durable; try again later.
    case unavailable(String)
}

/// What is wrong with one line.
package struct LineProblem: Sendable, Equatable {
    /// Line number, from 1.
    package var line: Int
    /// What is wrong.
    package var message: String

    /// A problem of `line`.
    package init(line: Int, message: String) {
        self.line = line
        self.message = message
    }
}
