// What the outbox remembers of a plugin beside its deliveries: whether it may be tried, and since when.

import Model

/// A plugin as the outbox knows it.
package struct PluginRecord: Sendable, Equatable {
    /// Its number.
    package var number: PluginNumber
    /// Its name in the configuration.
    package var name: String
    /// Paused by the operator or by a 410, and why; nil: running.
    package var pausedBecause: String?
    /// Not tried before this moment (`Retry-After`); nil: at once.
    package var notBefore: Timestamp?
    /// When it was last resumed; waiting before that does not count towards `max_age`.
    package var resumedAt: Timestamp?
    /// Which of its deliveries wait for each other.
    package var order: DeliveryOrder
    /// `order` was changed, and its deliveries do not all stand in line yet: nothing is handed out.
    package var isLiningUp: Bool
    /// Deliveries in each state.
    package var counts: [DeliveryState: Int64]

    /// A plugin as stored.
    package init(
        number: PluginNumber, name: String, pausedBecause: String? = nil, notBefore: Timestamp? = nil,
        resumedAt: Timestamp? = nil, order: DeliveryOrder = .none, isLiningUp: Bool = false,
        counts: [DeliveryState: Int64] = [:]
    ) {
        self.number = number
        self.name = name
        self.pausedBecause = pausedBecause
        self.notBefore = notBefore
        self.resumedAt = resumedAt
        self.order = order
        self.isLiningUp = isLiningUp
        self.counts = counts
    }
}
