// The task that removes what nobody needs any more, and makes room where there is little.

import Model
import Settings

extension Pipeline {
    /// Keeps house until it is cancelled.
    func keepHouse() async {
        let housekeeping = Housekeeping(
            outbox: outbox, reader: reader, spool: spool, samples: samples, log: log, now: clock.wall)
        var nextRound = clock.steady()
        var nextRoom = nextRound
        while !Task.isCancelled {
            let start = clock.steady()
            if nextRoom <= start {
                let hasRoom = await housekeeping.makeRoom(orders)
                // Where nothing could be released, looking again at once would not help.
                nextRoom = clock.steady() + (hasRoom ? .seconds(5) : .minutes(1))
            }
            if nextRound <= start {
                await housekeeping.round(orders)
                // A large spool takes long to look through: at most a twentieth of the time goes into that.
                let took = (clock.steady() - start).milliseconds
                nextRound = start + max(.minutes(1), .milliseconds(took * 20))
            }
            // Cancelled: the loop ends.
            try? await Task.sleep(for: .seconds(5))
        }
    }

    private var orders: Housekeeping.Orders {
        let settings = settings
        return Housekeeping.Orders(
            retention: settings.retention, takenUntil: figures.withLock { $0.takenUntil },
            room: settings.mwdb?.apiKey == nil ? nil : 2 * settings.minimumFreeSpace)
    }
}
