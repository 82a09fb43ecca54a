// A wall clock that only the test moves.

import Mailbox
import Model

/// A clock that stands still until it is told to go on.
final class TestClock: Sendable {
    private let moment: Lock<Timestamp>

    init(_ start: Timestamp = Timestamp(milliseconds: 1_800_000_000_000)) {
        moment = Lock(start)
    }

    var now: Timestamp { moment.withLock { $0 } }

    /// Moves the clock on, or back.
    func advance(_ span: Span) {
        moment.withLock { $0 = $0 + span }
    }
}
