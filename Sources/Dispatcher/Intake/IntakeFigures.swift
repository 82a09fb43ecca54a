// What intake has done since the daemon's start, for status and metrics.

import Model
import Outbox

/// Intake's counters.
package struct IntakeFigures: Sendable, Equatable {
    /// Events stored, durable.
    package var accepted: Int64 = 0
    /// Sizes of the events that came in, duplicates included.
    package var sizes = Histogram(Histogram.sizes)
    /// Events that were there already.
    package var duplicates: Int64 = 0
    /// Ids that came again with other bytes.
    package var conflicts: Int64 = 0
    /// Lines that were no events.
    package var rejected: Int64 = 0
    /// Of these, lines of spool files: nobody is told of them by an answer.
    package var spoolRejected: Int64 = 0
    /// The latest spool file with a rejected line, and why the first of its lines was rejected.
    package var latestRejection: Rejection?
    /// Spool files with a rejected line.
    package var rejectedFiles: Int64 = 0
    /// Spool files taken in whole.
    package var files: Int64 = 0
    /// Spool files seen and not yet taken.
    package var waitingFiles: Int64 = 0
    /// Every spool file that was there at this moment has been taken in; nil: not known yet.
    package var takenUntil: Timestamp?
    /// Events that MWDB's event source reported as lost (`source.lost`).
    package var lostAtSource: Int64 = 0
    /// Processes of MWDB that wrote their heartbeat to the spool.
    package var sources: Int64 = 0
    /// When a source last wrote its heartbeat, milliseconds since the epoch; nil: never.
    package var lastHeartbeat: Int64?
    /// Why nothing is taken in at the moment; nil: all is well.
    package var refusedBecause: String?

    /// What became of a spool file with lines that were no events.
    package struct Rejection: Sendable, Equatable {
        /// The file's name.
        package var file: String
        /// The first line that was rejected, and why.
        package var reason: String
    }

    /// Counters at zero.
    package init() {}
}

extension IntakeFigures {
    /// Counts what became of `event`; what the source lost counts once, however often its report comes.
    mutating func count(_ acceptance: Acceptance, _ event: Event) {
        switch acceptance {
        case .accepted:
            accepted += 1
            // A source may report any number: the sum stops where it fits no more.
            let (sum, isOver) = lostAtSource.addingReportingOverflow(event.lostCount)
            lostAtSource = isOver ? .max : sum
        case .duplicate: duplicates += 1
        case .conflict: conflicts += 1
        }
    }
}
