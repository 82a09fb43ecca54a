// Tells systemd's watchdog that the daemon lives, at half the interval it asks for, and only while the pipeline makes
// progress: its dispatch thread and the outbox's reading thread have to answer first. A daemon whose threads are stuck
// is silent, and systemd restarts it. Nothing is lost by that.

import Model
import Web

/// Signs of life.
struct Watchdog: Sendable {
    private let notification: ServiceNotification
    private let interval: Span

    /// A watchdog that wants a sign each `microseconds`.
    init(_ notification: ServiceNotification, microseconds: Int64) {
        self.notification = notification
        interval = .milliseconds(max(1, microseconds / 2000))
    }

    /// Runs until its task is cancelled. `progress` returns when the pipeline has done something.
    func run(progress: @Sendable () async -> Void) async {
        while !Task.isCancelled {
            await progress()
            guard !Task.isCancelled else { return }
            notification.say("WATCHDOG=1")
            try? await Task.sleep(for: .milliseconds(interval.milliseconds))
        }
    }
}
