// What an answer means for its delivery: the table of answers. Pure; made by Outcome from a reply.

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

    /// Judges what came of one attempt.
    package static func judge(reply: ReplyResult, plugin: Plugin, now: Timestamp) -> Verdict {
        .retry(reason: "", misconfigured: false, retryAfter: nil)
    }
}
