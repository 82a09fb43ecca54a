// How many deliveries each queue has in each state, kept by differences: what a transaction changes counts only
// once it is committed. Pure.

/// Counts of deliveries by queue and state, and of those that are not handed out.
struct Counters {
    /// What is counted: a state, or what of a state nobody has claimed (kept in memory only).
    enum Slot {
        case state(DeliveryState)
        case unclaimedReady
        case unclaimedWaiting

        fileprivate var offset: Int {
            switch self {
            case .state(let state): Int(state.rawValue)
            case .unclaimedReady: 8
            case .unclaimedWaiting: 9
            }
        }
    }

    private static let width = 16
    private var committed: [Int64] = []
    private var pending: [Int64] = []
    private var touched: [Int] = []

    /// Makes room for the queues up to `queue`.
    mutating func grow(to queue: PluginNumber) {
        let size = (Int(queue.rawValue) + 1) * Self.width
        guard size > committed.count else { return }
        committed.append(contentsOf: repeatElement(0, count: size - committed.count))
        pending.append(contentsOf: repeatElement(0, count: size - pending.count))
    }

    /// The count, the open transaction's changes included.
    subscript(queue: PluginNumber, slot: Slot) -> Int64 {
        let index = Int(queue.rawValue) * Self.width + slot.offset
        return committed[index] + pending[index]
    }

    /// Changes a count as part of the open transaction.
    mutating func add(_ difference: Int64, _ queue: PluginNumber, _ slot: Slot) {
        let index = Int(queue.rawValue) * Self.width + slot.offset
        if pending[index] == 0 { touched.append(index) }
        pending[index] += difference
    }

    /// Changes a count outside any transaction: for what is kept in memory only, and when the outbox is opened.
    mutating func addCommitted(_ difference: Int64, _ queue: PluginNumber, _ slot: Slot) {
        committed[Int(queue.rawValue) * Self.width + slot.offset] += difference
    }

    /// The counts of states that the open transaction changes, as they will be.
    var changed: [(queue: PluginNumber, state: DeliveryState, count: Int64)] {
        touched.compactMap { index in
            guard pending[index] != 0, let state = DeliveryState(rawValue: Int64(index % Self.width)) else {
                return nil
            }
            let queue = PluginNumber(Int64(index / Self.width))
            return (queue, state, committed[index] + pending[index])
        }
    }

    /// The open transaction was committed.
    mutating func commit() {
        for index in touched {
            committed[index] += pending[index]
            pending[index] = 0
        }
        touched.removeAll(keepingCapacity: true)
    }

    /// The open transaction was rolled back.
    mutating func rollback() {
        for index in touched { pending[index] = 0 }
        touched.removeAll(keepingCapacity: true)
    }
}
