// Fills the history while the daemon runs. Failure: a reading that fails leaves a gap, and the next one is tried.

import Mailbox
import Model

/// The daemon's history.
final class HistoryKeeper: Sendable {
    private let history = Lock(History())

    /// The history so far.
    var current: History { history.withLock { $0 } }

    /// Reads `control` every ten seconds until the task is cancelled.
    func keep(_ control: any Control, now: @Sendable () -> Timestamp) async {
        while !Task.isCancelled {
            if let statuses = try? await control.statuses() {
                let moment = now()
                history.withLock { $0.add(statuses, at: moment) }
            }
            // Cancelled: the loop ends.
            try? await Task.sleep(for: .seconds(10))
        }
    }
}
