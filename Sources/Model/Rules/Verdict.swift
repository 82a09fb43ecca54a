// What an answer means for its delivery: the table of answers. Pure; made by Outcome from a reply. Reasons are for
// operators: they hold the status and a short, harmless piece of the answer, without secrets.

/// What happens to a delivery after an attempt.
package enum Verdict: Sendable, Equatable {
    /// Delivered; `missing` names required extractions that found nothing: their write-backs are dead.
    case delivered(extracted: [ExtractedValue], missing: [String])
    /// Try again later. `misconfigured`: the plugin shows as such. `retryAfter`: pause the whole plugin so long.
    case retry(reason: String, misconfigured: Bool, retryAfter: Span?)
    /// 410: the plugin is paused and its backlog held.
    case pausePlugin(reason: String)
    /// Never tried again unless on demand.
    case dead(reason: String)
    /// Sent, and no complete answer: `on_ambiguous` decides.
    case ambiguous(reason: String)

    /// Judges what came of one attempt. `dead_if` counts for every complete answer, then `success`, then the
    /// table. `redaction` takes secrets out of the reasons.
    package static func judge(
        reply: ReplyResult, plugin: Plugin, redaction: Redaction, now: Timestamp
    ) -> Verdict {
        switch reply {
        case .answer(let answer): judge(answer, plugin, redaction, now)
        case .failure(let failure): judge(failure, redaction)
        }
    }

    private static func judge(
        _ answer: Answer, _ plugin: Plugin, _ redaction: Redaction, _ now: Timestamp
    ) -> Verdict {
        var reader = AnswerReader(answer)
        if let condition = plugin.deadIf, condition.holds(&reader) {
            return .dead(reason: "dead_if (\(condition.source)) holds: \(words(answer, redaction))")
        }
        guard plugin.success.contains(answer.status) else { return byStatus(answer, redaction, now) }
        if let condition = plugin.successIf, !condition.holds(&reader) {
            let cut = answer.truncated ? "; the answer was cut at \(plugin.maximumResponse) bytes" : ""
            return .retry(
                reason: "success_if (\(condition.source)) does not hold: \(words(answer, redaction))\(cut)",
                misconfigured: false, retryAfter: RetryAfter.read(from: answer, now: now))
        }
        return delivered(&reader, plugin.extractions)
    }

    private static func delivered(_ reader: inout AnswerReader, _ extractions: [Extraction]) -> Verdict {
        var extracted: [ExtractedValue] = []
        var missing: [String] = []
        for extraction in extractions {
            if let value = extraction.extract(from: &reader) {
                extracted.append(ExtractedValue(name: extraction.name, value: value))
            } else if !extraction.optional {
                missing.append(extraction.name)
            }
        }
        return .delivered(extracted: extracted, missing: missing)
    }

    private static func byStatus(_ answer: Answer, _ redaction: Redaction, _ now: Timestamp) -> Verdict {
        let reason = words(answer, redaction)
        switch answer.status {
        case 200...299:
            return .retry(reason: "not in `success`: \(reason)", misconfigured: false, retryAfter: nil)
        case 408, 425, 429, 500...599:
            return .retry(
                reason: reason, misconfigured: false, retryAfter: RetryAfter.read(from: answer, now: now))
        case 300...399:
            // 304, for one, redirects nowhere.
            guard let location = answer.header("location") else {
                return .retry(reason: reason, misconfigured: true, retryAfter: nil)
            }
            let target = Excerpt.of(Array(location.utf8), redaction: redaction)
            return .retry(
                reason:
                    "HTTP \(answer.status) redirects to \(target); redirects are not followed, put the right address in `url`",
                misconfigured: true, retryAfter: nil)
        case 401, 403, 404, 405, 407:
            return .retry(reason: reason, misconfigured: true, retryAfter: nil)
        case 410:
            return .pausePlugin(reason: reason)
        default:
            return .dead(reason: reason)
        }
    }

    private static func judge(_ failure: ExchangeFailure, _ redaction: Redaction) -> Verdict {
        let message = Excerpt.of(Array(failure.message.utf8), redaction: redaction)
        // The last chunk of a damaged sample is held back, so such a request was never complete.
        if failure.requestSent, failure.kind != .contentDamaged {
            return .ambiguous(reason: "the request was sent, no complete answer came: \(message)")
        }
        let misconfigured: Bool =
            switch failure.kind {
            case .certificate, .egress, .request: true
            default: false
            }
        return .retry(reason: message, misconfigured: misconfigured, retryAfter: nil)
    }

    /// `HTTP 500: excerpt`.
    private static func words(_ answer: Answer, _ redaction: Redaction) -> String {
        let excerpt = Excerpt.of(answer.body, redaction: redaction, isCut: answer.truncated)
        return excerpt.isEmpty ? "HTTP \(answer.status)" : "HTTP \(answer.status): \(excerpt)"
    }
}
