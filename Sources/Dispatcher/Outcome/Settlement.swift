// From the conclusion of an attempt to what is stored and what the queue learns. Pure: clock and randomness are
// parameters. This is where retries get their time and where giving up is decided.

import Model
import Outbox
import Settings

/// What one attempt leads to.
struct Settlement: Sendable {
    /// Stored in the outbox, in one transaction with its write-backs.
    var record: Record
    /// What the queue's window learns; nil: nothing about the receiver.
    var signal: ConcurrencyWindow.Signal?
    /// The plugin is paused, and why.
    var pause: String?
    /// The plugin is not tried before this moment.
    var notBefore: Timestamp?
    /// The plugin shows as misconfigured, and why.
    var misconfigured: String?
    /// What it counts as.
    var outcome: Outcome

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
    /// Since when the plugin could be tried.
    let openSince: Timestamp
}

extension Settlement {
    /// Settles an attempt of `plugin`, or of a write-back with `plugin`'s retry rules.
    static func of(
        _ finished: FinishedAttempt, plugin: Plugin, mwdb: MWDBSettings?, redaction: Redaction,
        now: Timestamp,
        random: UInt64
    ) -> Settlement {
        let claim = finished.claim
        let tried = max(.milliseconds(0), now - max(claim.updatedAt, finished.openSince))
        func settle(
            _ change: Record.Change, _ message: String, _ outcome: Outcome,
            _ signal: ConcurrencyWindow.Signal?
        ) -> Settlement {
            let attempt = attempt(finished, message: message, redaction: redaction, now: now)
            return Settlement(
                record: Record(
                    delivery: claim.delivery, attempt: attempt, change: change, triedFor: tried),
                signal: finished.concernsReceiver ? signal : nil, outcome: outcome)
        }
        func retry(_ reason: String, _ signal: ConcurrencyWindow.Signal?) -> Settlement {
            let reason = redaction.redact(reason)
            let attempts = claim.attempts + 1
            if RetryPolicy.isExhausted(attempts: attempts, triedFor: claim.triedFor + tried, plugin: plugin) {
                let final = "given up after \(attempts) attempts: \(reason)"
                return settle(.dead(reason: final), reason, .dead(final), signal)
            }
            let delay = RetryPolicy.nextDelay(attempt: attempts, backoff: plugin.backoff, random: random)
            return settle(.retry(at: now + delay, reason: reason), reason, .failed(reason), signal)
        }
        switch finished.conclusion {
        case .held(let reason):
            return settle(.held(reason: reason), reason, .held(reason), .neutral)
        case .judged(.delivered(let extracted, let missing)):
            let maker = WriteBackMaker(plugin: plugin, mwdb: mwdb)
            let writeBacks = maker.writeBacks(of: claim.event, extracted: extracted, missing: missing)
            let values = extracted.map { JSON.Member(key: $0.name, value: $0.value) }
            let stored = values.isEmpty ? nil : JSON.object(values).serialised()
            let latency = now - finished.startedAt
            return settle(
                .delivered(extracted: stored, writeBacks: writeBacks), "delivered", .delivered,
                .success(latency: latency))
        case .judged(.retry(let reason, let misconfigured, let retryAfter)):
            var settlement = retry(reason, signal(of: finished))
            if misconfigured { settlement.misconfigured = redaction.redact(reason) }
            if finished.concernsReceiver { settlement.notBefore = retryAfter.map { now + $0 } }
            return settlement
        case .judged(.pausePlugin(let reason)):
            let reason = redaction.redact(reason)
            var settlement = settle(.retry(at: now, reason: reason), reason, .failed(reason), .neutral)
            settlement.pause = reason
            return settlement
        case .judged(.dead(let reason)):
            let reason = redaction.redact(reason)
            return settle(.dead(reason: reason), reason, .dead(reason), .neutral)
        case .judged(.ambiguous(let reason)):
            guard plugin.onAmbiguous == .hold else { return retry(reason, signal(of: finished)) }
            let reason = redaction.redact(reason)
            return settle(.held(reason: reason), reason, .held(reason), signal(of: finished))
        }
    }

    /// How a failed attempt speaks of its receiver's load and health.
    private static func signal(of finished: FinishedAttempt) -> ConcurrencyWindow.Signal? {
        switch finished.reply?.result {
        case .answer(let answer):
            switch answer.status {
            case 200..<300: .neutral
            case 429, 503, 504: .congested
            default: .failed
            }
        case .failure(let failure):
            switch failure.kind {
            case .cancelled, .contentDamaged, .local: nil
            case .timeout: .congested
            default: .failed
            }
        case nil: nil
        }
    }

    private static func attempt(
        _ finished: FinishedAttempt, message: String, redaction: Redaction, now: Timestamp
    ) -> Attempt? {
        guard let reply = finished.reply else { return nil }
        var attempt = Attempt(
            number: finished.claim.attempts + 1, startedAt: finished.startedAt, endedAt: now,
            timings: reply.timings, status: nil, failure: nil, message: message,
            remoteAddress: reply.remoteAddress)
        switch reply.result {
        case .answer(let answer):
            attempt.status = answer.status
            let headers = answer.headers.map { "\($0.name): \($0.value)" }.joined(separator: "\n")
            attempt.answerHeaders = redaction.redact(String(headers.prefix(8192)))
            attempt.answerBody = redaction.redact(Array(answer.body.prefix(4096)))
        case .failure(let failure):
            attempt.failure = failure.kind.rawValue
        }
        return attempt
    }
}
