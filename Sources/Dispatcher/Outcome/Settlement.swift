// From the conclusion of an attempt to what is stored and what the queue learns. Pure: clock and randomness are
// parameters. This is where retries get their time and where giving up is decided.

import Model
import Outbox
import Settings

/// What one attempt leads to.
struct Settlement: Sendable {
    /// Stored in the outbox, in one transaction with its write-backs.
    var record: Record
    /// What it counts as.
    var outcome: Outcome
    /// What the queue's window learns; nil: nothing about the receiver.
    var signal: ConcurrencyWindow.Signal?
    /// The plugin is paused, and why.
    var pause: String?
    /// The plugin is not tried before this moment.
    var notBefore: Timestamp?
    /// The plugin shows as misconfigured, and why.
    var misconfigured: String?

    /// Why this delivery, or a write-back that it caused, is given up; nil: none is.
    var death: String? {
        if case .dead(let reason) = outcome { return reason }
        guard case .delivered(_, let writeBacks) = record.change else { return nil }
        return writeBacks.lazy.compactMap(\.dead).first
    }

    /// What an attempt counts as in metrics.
    enum Outcome: Sendable, Equatable {
        case delivered, failed(String), dead(String), held(String)
    }
}

/// What settling an attempt needs to know.
struct FinishedAttempt: Sendable {
    /// The delivery.
    let claim: Claim
    /// What the attempt came to.
    let conclusion: Conclusion
    /// The reply that is kept as the attempt's record; nil when no request was sent.
    let reply: Reply?
    /// It says something about the queue's receiver.
    let concernsReceiver: Bool
    /// When the attempt started.
    let startedAt: Timestamp
    /// For how long the delivery could have been tried since its last change.
    let triedFor: Span

    /// Of its answer only the beginning is there.
    var isAnswerCut: Bool {
        if case .answer(let answer)? = reply?.result { answer.truncated } else { false }
    }
}

/// Settles attempts by one plugin's rules, or write-backs by those of MWDB's queue. A class, since a plugin is a large
/// value and there is an attempt for each delivery.
final class Settling: Sendable {
    /// The rules.
    let plugin: Plugin
    /// MWDB's addresses for templates of write-backs.
    let mwdb: MWDBSettings?
    /// Takes secrets out of what is stored.
    let redaction: Redaction

    /// Longest part of an answer's header fields, in characters, and of its body, in bytes, that is kept.
    private static let (mostHeaders, mostBody) = (8192, 4096)

    /// Rules as configured when the attempt began.
    init(plugin: Plugin, mwdb: MWDBSettings?, redaction: Redaction) {
        self.plugin = plugin
        self.mwdb = mwdb
        self.redaction = redaction
    }

    /// What `finished`, known since `now`, leads to; `random` is a uniform 64-bit number.
    func settlement(of finished: FinishedAttempt, now: Timestamp, random: UInt64) -> Settlement {
        switch finished.conclusion {
        case .held(let reason): return held(finished, reason, now)
        case .judged(.delivered(let extracted, let missing)):
            return delivered(finished, extracted, missing, now)
        case .judged(.retry(let reason, let misconfigured, let retryAfter)):
            var settlement = retry(finished, reason, now, random)
            if misconfigured { settlement.misconfigured = redaction.redact(reason) }
            if finished.concernsReceiver { settlement.notBefore = retryAfter.map { now + $0 } }
            return settlement
        case .judged(.pausePlugin(let reason)):
            let reason = redaction.redact(reason)
            var settlement = settle(
                finished, .retry(at: now, reason: reason), reason, .failed(reason), now)
            settlement.pause = reason
            return settlement
        case .judged(.dead(let reason)):
            let reason = redaction.redact(reason)
            return settle(finished, .dead(reason: reason), reason, .dead(reason), now)
        case .judged(.ambiguous(let reason)):
            switch plugin.onAmbiguous {
            case .hold: return held(finished, reason, now)
            case .retry: return retry(finished, reason, now, random)
            }
        }
    }

    private func held(_ finished: FinishedAttempt, _ reason: String, _ now: Timestamp) -> Settlement {
        let reason = redaction.redact(reason)
        return settle(finished, .held(reason: reason), reason, .held(reason), now)
    }

    private func delivered(
        _ finished: FinishedAttempt, _ extracted: [ExtractedValue], _ missing: [String], _ now: Timestamp
    ) -> Settlement {
        // A receiver may echo what we sent it: no secret goes into the outbox or into MWDB.
        let isCut = finished.isAnswerCut
        let extracted = extracted.map {
            ExtractedValue(name: $0.name, value: redaction.redact($0.value, isCut: isCut))
        }
        let writeBacks =
            plugin.writeBacks.isEmpty
            ? []
            : WriteBackMaker(plugin: plugin, mwdb: mwdb)
                .writeBacks(of: finished.claim.event, extracted: extracted, missing: missing)
        let values = extracted.map { JSON.Member(key: $0.name, value: $0.value) }
        let stored = values.isEmpty ? nil : JSON.object(values).serialised()
        let message =
            missing.isEmpty
            ? "delivered" : "delivered, but the answer has no \(missing.joined(separator: ", "))"
        return settle(
            finished, .delivered(extracted: stored, writeBacks: writeBacks), message, .delivered, now)
    }

    private func retry(
        _ finished: FinishedAttempt, _ reason: String, _ now: Timestamp, _ random: UInt64
    ) -> Settlement {
        let reason = redaction.redact(reason)
        let attempts = finished.claim.attempts + 1
        let tried = finished.claim.triedFor + finished.triedFor
        if RetryPolicy.isExhausted(attempts: attempts, triedFor: tried, plugin: plugin) {
            let final = RetryPolicy.exhaustion(attempts: attempts, plugin: plugin, last: reason)
            return settle(finished, .dead(reason: final), reason, .dead(final), now)
        }
        let delay = RetryPolicy.nextDelay(attempt: attempts, backoff: plugin.backoff, random: random)
        return settle(finished, .retry(at: now + delay, reason: reason), reason, .failed(reason), now)
    }

    private func settle(
        _ finished: FinishedAttempt, _ change: Record.Change, _ message: String,
        _ outcome: Settlement.Outcome, _ now: Timestamp
    ) -> Settlement {
        Settlement(
            record: Record(
                delivery: finished.claim.delivery, attempt: attempt(finished, message, now), change: change,
                triedFor: finished.triedFor),
            outcome: outcome, signal: signal(of: finished))
    }

    private func signal(of finished: FinishedAttempt) -> ConcurrencyWindow.Signal? {
        guard finished.concernsReceiver, let reply = finished.reply else { return nil }
        guard case .judged(let verdict) = finished.conclusion else { return .neutral }
        return ConcurrencyWindow.Signal(reply: reply, verdict: verdict)
    }

    private func attempt(_ finished: FinishedAttempt, _ message: String, _ now: Timestamp) -> Attempt? {
        guard let reply = finished.reply else { return unsent(finished, message, now) }
        var attempt = Attempt(
            number: finished.claim.attempts + 1, startedAt: finished.startedAt, endedAt: now,
            timings: reply.timings, status: nil, failure: nil, message: message,
            remoteAddress: reply.remoteAddress)
        switch reply.result {
        case .answer(let answer):
            attempt.status = answer.status
            attempt.answerHeaders = headerText(answer.headers)
            if !answer.body.isEmpty { attempt.answerBody = bodyStart(of: answer) }
        case .failure(let failure):
            attempt.failure = failure.kind.rawValue
        }
        return attempt
    }

    /// Cut after redacting: a secret that is cut in two would not be found.
    private func headerText(_ headers: [Header]) -> String {
        var text = ""
        text.reserveCapacity(headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 3 })
        for header in headers {
            if !text.isEmpty { text += "\n" }
            text += header.name
            text += ": "
            text += header.value
        }
        let redacted = redaction.redact(text)
        guard redacted.utf8.count > Settling.mostHeaders else { return redacted }
        return String(redacted.prefix(Settling.mostHeaders))
    }

    private func bodyStart(of answer: Answer) -> [UInt8] {
        let start = Array(answer.body.prefix(2 * Settling.mostBody))
        let isCut = answer.truncated || start.count < answer.body.count
        return Array(redaction.redact(start, isCut: isCut).prefix(Settling.mostBody))
    }

    /// An attempt that failed before there was a request: it counts, or its backoff would never grow.
    private func unsent(_ finished: FinishedAttempt, _ message: String, _ now: Timestamp) -> Attempt? {
        guard case .judged(.retry) = finished.conclusion else { return nil }
        return Attempt(
            number: finished.claim.attempts + 1, startedAt: finished.startedAt, endedAt: now, status: nil,
            failure: ExchangeFailure.Kind.local.rawValue, message: message)
    }
}
