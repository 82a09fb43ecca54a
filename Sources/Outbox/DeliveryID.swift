// How a delivery is numbered: event, step and plugin in one integer, so that an event's deliveries are
// neighbours in the outbox, a plugin's deliveries sort by event, and no further index is needed for either.

/// Number of a plugin in the outbox: given when its name is first seen, never reused.
package struct PluginNumber: Sendable, Hashable, Comparable {
    /// 0 for MWDB itself (write-backs), 1 to 32767 for plugins.
    package let rawValue: Int64

    /// The plugin numbered `rawValue`.
    package init(_ rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// The queue of write-backs, whose receiver is MWDB.
    package static let mwdb = PluginNumber(0)

    package static func < (left: PluginNumber, right: PluginNumber) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// A delivery's number: event's sequence (40 bits), step (8 bits), plugin (15 bits).
package struct DeliveryID: Sendable, Hashable, Comparable {
    /// The integer that is the row's id in the outbox.
    package let rawValue: Int64

    /// The delivery stored as `rawValue`.
    package init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// The delivery of event `sequence` to `plugin`; `step` 0, or 1 to 255 for its write-backs.
    package init(sequence: Int64, step: Int64 = 0, plugin: PluginNumber) {
        rawValue = sequence << 23 | step << 15 | plugin.rawValue
    }

    /// The event's place in the outbox's order.
    package var sequence: Int64 { rawValue >> 23 }
    /// 0: the delivery itself; 1 to 255: a write-back that it caused.
    package var step: Int64 { rawValue >> 15 & 0xff }
    /// The plugin whose delivery it is, for write-backs too.
    package var plugin: PluginNumber { PluginNumber(rawValue & 0x7fff) }
    /// The queue it waits in: the plugin's own, or MWDB's for a write-back.
    package var queue: PluginNumber { step == 0 ? plugin : .mwdb }

    package static func < (left: DeliveryID, right: DeliveryID) -> Bool {
        left.rawValue < right.rawValue
    }
}
