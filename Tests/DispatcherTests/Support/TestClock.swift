// Clocks that tests set.

import Mailbox
import Model

@testable import Dispatcher

/// Two clocks that stand still until they are moved.
final class TestClock: Sendable {
    private let moment = Lock(Moment.at(0))

    /// For what is tested.
    var clock: Clock {
        Clock(
            wall: { self.moment.withLock { $0.wall } }, steady: { self.moment.withLock { $0.steady } })
    }

    /// Both clocks go on.
    func advance(_ span: Span) {
        moment.withLock { moment in
            moment.wall = moment.wall + span
            moment.steady = moment.steady + span
        }
    }

    /// Somebody sets the wall clock.
    func set(by span: Span) {
        moment.withLock { $0.wall = $0.wall + span }
    }
}
