// What callers post to the outbox's thread.

import Model

/// A request to the outbox's thread.
enum OutboxMessage: Sendable {
    /// Store events.
    case append(AppendRequest)
    /// Store outcomes.
    case record(RecordRequest)
    /// Note that requests are about to be sent.
    case markStarted([DeliveryID], @Sendable (Result<Void, OutboxError>) -> Void)
    /// Claims that were not tried.
    case release([DeliveryID])
    /// More deliveries are wanted.
    case addCredit(Int, PluginNumber, ClaimOrder)
    /// No more deliveries are wanted.
    case withdrawCredit(PluginNumber)
    /// Work for which the thread is used slice by slice.
    case job(any Job)
    /// The checkpointer has moved the log, or could not.
    case logWasMoved(OutboxError?)
    /// The end.
    case close
}

/// Events to be stored in one transaction.
struct AppendRequest: Sendable {
    /// The events.
    var arrivals: [Arrival]
    /// A conflict of one refuses all.
    var isJoint: Bool
    /// It is stored before others that were posted earlier.
    var isPrompt = false
    /// Called once; for a joint request that was refused with the places of the conflicts.
    var completion: @Sendable (Result<JointAcceptance, OutboxError>) -> Void
}

/// Outcomes to be stored in one transaction.
struct RecordRequest: Sendable {
    /// The outcomes.
    var records: [Record]
    /// Claims given back after they were marked started.
    var unstarted: [DeliveryID] = []
    /// Called once they are durable, or when they never will be.
    var completion: (@Sendable (Result<Void, OutboxError>) -> Void)?
}

/// Work on many rows, done in slices between other work.
protocol Job: Sendable {
    /// Does a bounded part of the work inside a transaction.
    /// - Returns: Nothing is left to do.
    mutating func slice(_ writer: OutboxWriter) throws(OutboxError) -> Bool
    /// Answers the caller, after the commit of the last slice or with what went wrong.
    func complete(_ error: OutboxError?)
}
