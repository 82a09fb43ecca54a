// What Outcome stores of a delivery after an attempt: state, attempt and write-backs in one transaction.

import Model

/// A change of one delivery.
package struct Record: Sendable {
    /// The delivery.
    package var delivery: DeliveryID
    /// The attempt that led to the change; nil when there was none (held or cancelled before).
    package var attempt: Attempt?
    /// The change.
    package var change: Change
    /// Added to the time for which it could have been tried.
    package var triedFor: Span

    /// A change after an attempt.
    package init(delivery: DeliveryID, attempt: Attempt?, change: Change, triedFor: Span) {
        self.delivery = delivery
        self.attempt = attempt
        self.change = change
        self.triedFor = triedFor
    }

    /// What becomes of the delivery.
    package enum Change: Sendable {
        /// Done. `extracted` is a JSON object of the values taken from the answer, or nil;
        /// `writeBacks` become deliveries of MWDB's queue, steps 1, 2, …
        case delivered(extracted: [UInt8]?, writeBacks: [NewWriteBack])
        /// To be tried again.
        case retry(at: Timestamp, reason: String)
        /// Waits for the operator.
        case held(reason: String)
        /// Given up.
        case dead(reason: String)
    }
}

/// A write-back to be stored with the outcome that caused it.
package struct NewWriteBack: Sendable {
    /// What to write, in Outcome's own form.
    package var task: [UInt8]
    /// Not nil: it is stored dead with this reason (its value could not be made).
    package var dead: String?

    /// A write-back.
    package init(task: [UInt8], dead: String? = nil) {
        self.task = task
        self.dead = dead
    }
}

/// One attempt at a delivery, as it is kept.
package struct Attempt: Sendable, Equatable {
    /// 1 for the first.
    package var number: Int
    /// When its request was handed to the courier.
    package var startedAt: Timestamp
    /// When its outcome was known.
    package var endedAt: Timestamp
    /// Phase timings.
    package var timings: Timings
    /// HTTP status; nil without an answer.
    package var status: Int?
    /// Kind of failure; nil with an answer.
    package var failure: String?
    /// The outcome in words.
    package var message: String
    /// Answer's header fields, one `name: value` a line; empty without an answer.
    package var answerHeaders: String
    /// Beginning of the answer's body.
    package var answerBody: [UInt8]
    /// Address that was connected.
    package var remoteAddress: String?

    /// An attempt.
    package init(
        number: Int, startedAt: Timestamp, endedAt: Timestamp, timings: Timings = Timings(), status: Int?,
        failure: String?, message: String, answerHeaders: String = "", answerBody: [UInt8] = [],
        remoteAddress: String? = nil
    ) {
        self.number = number
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.timings = timings
        self.status = status
        self.failure = failure
        self.message = message
        self.answerHeaders = answerHeaders
        self.answerBody = answerBody
        self.remoteAddress = remoteAddress
    }
}
