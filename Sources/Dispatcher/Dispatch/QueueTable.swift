// The dispatch thread's queues by their numbers. A queue is a large value: it is changed where it lies, found by its
// number without hashing, since several parts of it are touched for every delivery.

import Outbox

/// Queues by plugin number.
struct QueueTable {
    private final class Place {
        @exclusivity(unchecked) var queue: PluginQueue?
        /// Limit that the courier was told.
        @exclusivity(unchecked) var toldLimit = 0
        /// The courier waits for a word, since a reply was no success.
        @exclusivity(unchecked) var isHalted = false
    }

    private var places: [Place] = []
    /// Numbers of the queues there are.
    private(set) var keys: [PluginNumber] = []

    /// No queues.
    init() {}

    /// The queue numbered `number`, changed in place; what was set once stays.
    subscript(number: PluginNumber) -> PluginQueue? {
        _read {
            let index = Int(number.rawValue)
            if index < places.count {
                yield places[index].queue
            } else {
                yield nil
            }
        }
        _modify {
            let index = Int(number.rawValue)
            while places.count <= index { places.append(Place()) }
            let place = places[index]
            let wasThere = place.queue != nil
            defer { if !wasThere && place.queue != nil { keys.append(number) } }
            yield &place.queue
        }
    }

    /// Notes that the courier starts nothing more of the queue until it is told its limit.
    func halted(_ number: PluginNumber) {
        let index = Int(number.rawValue)
        if index < places.count { places[index].isHalted = true }
    }

    /// Whether the courier is to be told `limit`; it counts as told.
    func mustTell(_ limit: Int, _ number: PluginNumber) -> Bool {
        let index = Int(number.rawValue)
        guard index < places.count else { return false }
        let place = places[index]
        guard place.toldLimit != limit || (place.isHalted && limit > 0) else { return false }
        place.toldLimit = limit
        place.isHalted = false
        return true
    }
}
