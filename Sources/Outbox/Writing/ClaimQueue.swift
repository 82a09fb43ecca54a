// What the outbox remembers of one queue's claims: its credit and how far it has read. Pure.

import Model

/// Credit and read positions of one queue.
///
/// The positions save work and decide nothing: whatever lies behind them is claimed or not to be claimed, and a
/// row that becomes claimable behind one moves it back.
struct ClaimQueue {
    /// Deliveries that may still be handed out.
    var credit = 0
    /// In which order ready ones are handed out.
    var drain = ClaimOrder.oldest
    /// Which of its deliveries wait for each other.
    var order = DeliveryOrder.none
    /// `order` was changed and not everything stands in line yet: nothing is handed out.
    var isLiningUp = false
    /// How often it was changed: a job that began before the last change ends.
    var lineUps = 0
    /// In some line, what is being tried is not the first: where it is given back, the first goes before it.
    var hasOvertaking = false
    /// Ready rows up to this id are claimed.
    var low: Int64 = -1
    /// Ready rows from this id on are claimed.
    var high: Int64 = .max
    /// Waiting rows due before this are claimed.
    var dueFrom: Int64 = 0
    /// No unclaimed waiting row is due before this.
    var nextDue: Int64 = 0
    /// It stands in the row of queues that may have something to hand out.
    var isDirty = false
    /// Whether the next one comes from the retries that are due, or from the new end, where both have something.
    var turns = Turns()

    /// A row became ready and is not claimed.
    mutating func becameReady(_ id: Int64) {
        if id <= low { low = id - 1 }
        if id >= high { high = id == .max ? id : id + 1 }
    }

    /// A row waits and is not claimed.
    mutating func becameWaiting(due: Int64) {
        dueFrom = min(dueFrom, due)
        nextDue = min(nextDue, due)
    }
}
