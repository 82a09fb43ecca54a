// What the event source lost before it could write, as its `source.lost` events report it.

import Model

extension Event {
    /// Events lost according to this event; 0 for all but `source.lost`.
    var lostCount: Int64 {
        guard type == "source.lost", let event = try? JSON.parse(body),
            case .number(let digits)? = event["data"]?["count"]
        else { return 0 }
        return max(0, Int64(digits) ?? 0)
    }
}
