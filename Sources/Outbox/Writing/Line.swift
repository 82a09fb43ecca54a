// Who of a line is tried: the rule of `order`, without the table it is kept in. Pure.

/// A line: deliveries of which one at a time is tried, the one with the lowest number first.
struct Line {
    /// Those that are ready, waiting or being tried: one, or a few after the order was changed.
    var active: [Place] = []
    /// The first of those that are blocked.
    var next: DeliveryID?

    /// One that is not blocked.
    struct Place {
        var delivery: DeliveryID
        var state: DeliveryState
        /// It is claimed: nobody can take it back.
        var isTried: Bool
    }

    /// What has to change.
    struct Decision {
        /// These stand behind another and are blocked.
        var blocked: [Place] = []
        /// This one becomes ready.
        var opened: DeliveryID?
        /// One that is being tried is not the first: should it be given back, the first goes before it.
        var isOvertaken = false
    }

    /// While one is tried, nothing else is; otherwise the first is the only one that is not blocked.
    var decision: Decision {
        let free = active.filter { !$0.isTried }
        let tried = active.filter(\.isTried)
        var decision = Decision()
        guard tried.isEmpty else {
            decision.blocked = free
            decision.isOvertaken = next.map { next in tried.contains { next < $0.delivery } } ?? false
            return decision
        }
        guard let first = (free.map(\.delivery) + (next.map { [$0] } ?? [])).min() else { return decision }
        decision.blocked = free.filter { $0.delivery != first }
        if first == next { decision.opened = first }
        return decision
    }
}
