// Lining up: after `order` was changed, every pending delivery of the queue takes its place in its new line, slice
// by slice. Nothing of the queue is handed out meanwhile.
// Failure: the queue stays closed, also for the next daemon, until a job comes through.

import Model

/// Puts the deliveries of one queue in line.
struct LineUpJob: Job {
    private static let sliceSize = 1_000
    private let queue: PluginNumber
    private let completion: @Sendable (Result<Void, OutboxError>) -> Void
    private var stage = Stage.waiting
    /// Which change of the order it works for.
    private var lineUp = 0

    private enum Stage {
        case waiting
        /// Everybody gets a line and is blocked in it.
        case placing(DeliveryWalk)
        /// The first of each line becomes ready.
        case opening(DeliveryWalk)
    }

    init(_ queue: PluginNumber, completion: @escaping @Sendable (Result<Void, OutboxError>) -> Void) {
        self.queue = queue
        self.completion = completion
    }

    mutating func slice(_ writer: OutboxWriter) throws(OutboxError) -> Bool {
        guard let index = writer.index(of: queue), writer.queues[index].isLiningUp else { return true }
        try writer.begin()
        switch stage {
        case .waiting:
            lineUp = writer.queues[index].lineUps
            // Blocked ones first, or those that are blocked meanwhile would be met again.
            stage = .placing(DeliveryWalk(queues: [queue], states: [.blocked, .waiting, .ready, .started]))
            return false
        case .placing(var walk):
            guard writer.queues[index].lineUps == lineUp else { return true }
            guard let (state, rows) = try walk.next(Self.sliceSize, writer) else {
                stage = .opening(DeliveryWalk(queues: [queue], states: [.blocked]))
                return false
            }
            for delivery in rows.map(\.delivery) { try writer.place(delivery, in: state) }
            stage = .placing(walk)
            return false
        case .opening(var walk):
            guard writer.queues[index].lineUps == lineUp else { return true }
            guard let (_, rows) = try walk.next(Self.sliceSize, writer) else {
                return try writer.endLiningUp(queue)
            }
            for delivery in rows.map(\.delivery) {
                if let line = try writer.line(of: delivery) { try writer.settle(queue, line) }
            }
            stage = .opening(walk)
            return false
        }
    }

    func complete(_ error: OutboxError?) {
        completion(error.map { .failure($0) } ?? .success(()))
    }
}

extension OutboxWriter {
    /// Puts a delivery into its line: blocked, unless it is being tried or stands in none.
    fileprivate func place(_ delivery: DeliveryID, in state: DeliveryState) throws(OutboxError) {
        let line = try lineOfEvent(delivery)
        let isClaimed = claims[delivery] != nil
        let next: DeliveryState =
            switch (isClaimed, line) {
            case (true, _): state
            case (false, nil): state == .blocked ? .ready : state
            case (false, _): .blocked
            }
        let statement = try database.prepare(.putInLine)
        statement.bind(1, delivery.rawValue)
        statement.bind(2, state.rawValue)
        statement.bind(3, next.rawValue)
        statement.bind(4, line)
        guard try statement.run() > 0 else { return }
        if isClaimed {
            claims[delivery]?.line = line
            queues[Int(delivery.queue.rawValue)].hasOvertaking = true
        } else if next != state {
            count(delivery, from: state, to: next, wasClaimed: false, isClaimed: false)
        }
    }

    /// Opens the queue again.
    fileprivate func endLiningUp(_ queue: PluginNumber) throws(OutboxError) -> Bool {
        _ = try update(queue, by: .endLiningUp) { _ in }
        let index = Int(queue.rawValue)
        queues[index].isLiningUp = false
        markDirty(index)
        return true
    }
}
