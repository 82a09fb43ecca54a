// A delivery's name for people, API and commands: it says event and plugin, and survives a restored backup.

/// `EVENTID/PLUGIN`, and `EVENTID/PLUGIN/STEP` for a write-back.
package struct DeliveryName: Sendable, Hashable, CustomStringConvertible {
    /// Id of the event.
    package var eventID: String
    /// Name of the plugin.
    package var plugin: String
    /// 0: the delivery itself; 1 to 255: a write-back that it caused.
    package var step: Int64

    /// The delivery of event `eventID` to `plugin`.
    package init(eventID: String, plugin: String, step: Int64 = 0) {
        self.eventID = eventID
        self.plugin = plugin
        self.step = step
    }

    /// Reads `EVENTID/PLUGIN` or `EVENTID/PLUGIN/STEP`; nil when it is neither.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        var step: Int64 = 0
        if parts.count == 3 {
            guard let number = UInt8(parts[2]), number > 0, String(number) == parts[2] else { return nil }
            step = Int64(number)
        }
        self.init(eventID: String(parts[0]), plugin: String(parts[1]), step: step)
    }

    /// The name as it is written.
    package var description: String {
        step == 0 ? "\(eventID)/\(plugin)" : "\(eventID)/\(plugin)/\(step)"
    }
}
