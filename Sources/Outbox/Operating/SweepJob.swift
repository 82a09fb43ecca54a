// The sweep: removes events whose time is over, with their deliveries and attempts, oldest first.

import Crypto
import Model

/// Removes what has been kept for long enough.
struct SweepJob: Job {
    private static let sliceSize = 250
    /// An event is not far from others of its age: after so many young ones in a row the rest is young too.
    private static let youngLimit = 2_000
    private static let idRetention = Span.days(7)

    private let retention: Span
    private let deadRetention: Span
    private let completion: @Sendable (Result<SweepResult, OutboxError>) -> Void
    private var result = SweepResult()
    private var position: Int64 = 0
    private var young = 0

    init(
        retention: Span, deadRetention: Span,
        completion: @escaping @Sendable (Result<SweepResult, OutboxError>) -> Void
    ) {
        self.retention = retention
        self.deadRetention = deadRetention
        self.completion = completion
    }

    mutating func slice(_ writer: OutboxWriter) throws(OutboxError) -> Bool {
        let rows = try writer.database.prepare(.sweepable)
        rows.bind(1, position)
        rows.bind(2, Int64(Self.sliceSize))
        var old: [(sequence: Int64, acceptedAt: Timestamp, isStripped: Bool)] = []
        var examined = 0
        while try rows.next() {
            examined += 1
            position = rows.integer(0)
            let acceptedAt = Timestamp(milliseconds: rows.integer(1))
            if writer.moment - acceptedAt >= retention {
                old.append((position, acceptedAt, rows.integer(2) != 0))
                young = 0
            } else if acceptedAt <= writer.moment {
                young += 1
            }
            // What a clock that was ahead has dated later than now says nothing of the age of what comes after it.
        }
        for event in old { try sweep(event.sequence, event.acceptedAt, event.isStripped, writer) }
        return examined < Self.sliceSize || young > Self.youngLimit
    }

    func complete(_ error: OutboxError?) {
        completion(error.map { .failure($0) } ?? .success(result))
    }

    private mutating func sweep(
        _ sequence: Int64, _ acceptedAt: Timestamp, _ isStripped: Bool, _ writer: OutboxWriter
    ) throws(OutboxError) {
        let deliveries = try writer.deliveries(of: sequence)
        guard deliveries.allSatisfy({ isOver($0, writer) }) else { return }
        let isForgotten = writer.moment - acceptedAt >= max(retention, Self.idRetention)
        guard isForgotten || !isStripped || !deliveries.isEmpty else { return }
        try writer.begin()
        for row in deliveries { try writer.delete(row.delivery, in: row.state) }
        result.deliveries += deliveries.count
        if isForgotten {
            try writer.deleteEvent(sequence)
            result.events += 1
        } else if !isStripped {
            try writer.strip(sequence)
            result.stripped += 1
        }
    }

    private func isOver(_ row: OutboxWriter.DeliveryRow, _ writer: OutboxWriter) -> Bool {
        guard writer.claims[row.delivery] == nil else { return false }
        let age = writer.moment - row.updatedAt
        return switch row.state {
        case .delivered, .cancelled: age >= retention
        case .dead: age >= deadRetention
        case .ready, .waiting, .started, .blocked, .held: false
        }
    }
}

extension OutboxWriter {
    /// What the sweep has to know of a delivery.
    struct DeliveryRow {
        var delivery: DeliveryID
        var state: DeliveryState
        var updatedAt: Timestamp
    }

    fileprivate func deliveries(of sequence: Int64) throws(OutboxError) -> [DeliveryRow] {
        let statement = try database.prepare(.deliveriesOf)
        statement.bind(1, DeliveryID.first(of: sequence).rawValue)
        statement.bind(2, DeliveryID.first(of: sequence + 1).rawValue)
        var rows: [DeliveryRow] = []
        while try statement.next() {
            // An unknown state is somebody else's: it is never over.
            rows.append(
                DeliveryRow(
                    delivery: DeliveryID(rawValue: statement.integer(0)),
                    state: DeliveryState(rawValue: statement.integer(1)) ?? .held,
                    updatedAt: Timestamp(milliseconds: statement.integer(2))))
        }
        return rows
    }

    fileprivate func delete(_ delivery: DeliveryID, in state: DeliveryState) throws(OutboxError) {
        for query in [WriterQuery.deleteAttempts, .deleteDelivery] {
            let statement = try database.prepare(query)
            statement.bind(1, delivery.rawValue)
            try statement.run()
        }
        counters.add(-1, delivery.queue, .state(state))
    }

    /// Deletes an event. Its number is not given out again: it may be in somebody's list.
    fileprivate func deleteEvent(_ sequence: Int64) throws(OutboxError) {
        let statement = try database.prepare(.deleteEvent)
        statement.bind(1, sequence)
        try statement.run()
        let last = lastSequence + transaction.sequences
        if sequence == last { try set(.sequenceFloor, last) }
    }

    /// Leaves id and digest of an event.
    fileprivate func strip(_ sequence: Int64) throws(OutboxError) {
        let event = try database.prepare(.wholeEvent)
        event.bind(1, sequence)
        guard try event.next() else { return }
        let digest = digest(of: event.optionalBytes(5) ?? [])
        event.reset()
        let statement = try database.prepare(.stripEvent)
        statement.bind(1, sequence)
        statement.bind(2, digest)
        try statement.run()
    }
}

extension DeliveryID {
    /// The lowest number a delivery of event `sequence` can have.
    static func first(of sequence: Int64) -> DeliveryID {
        DeliveryID(sequence: sequence, plugin: PluginNumber(0))
    }
}
