// What the announcer looks at, and where its events go: the pipeline's own parts.

import Model
import Outbox
import Settings

extension Pipeline {
    /// Announces what happens to the dispatcher itself.
    var announcer: Announcer {
        let (outbox, state, disk, dispatch) = (outbox, state, disk, dispatch)
        return Announcer(
            rules: notices, clock: clock, log: log, statuses: { await dispatch.report().values.map { $0 } },
            figures: { [figures] in figures.withLock { $0 } },
            disk: {
                let settings = state.withLock { $0.settings }
                return (disk.free, settings.minimumFreeSpace, settings.outbox)
            },
            route: { event, excluded in
                state.withLock { $0.router }.arrival(of: event, except: excluded)
            },
            append: { arrivals throws(OutboxError) in _ = try await outbox.append(arrivals) })
    }
}
