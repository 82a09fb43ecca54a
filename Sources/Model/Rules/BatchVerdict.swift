// What an answer means for the deliveries of a batch: for all of them, or, where the answer lists an outcome for each
// (Elasticsearch's _bulk), for each alone. Pure. An answer that kills is taken to be about some of them only: they are
// tried in halves, so that a delivery dies by an answer of its own.

/// What happens to a batch after an attempt.
package enum BatchVerdict: Sendable, Equatable {
    /// The same for all.
    case all(Verdict)
    /// One for each, in their order, with the part of the answer that is about it.
    case each([Item])
    /// Too large, or wrong in part: to be tried again at once in two halves, for this reason.
    case split(reason: String)

    /// What the answer says of one delivery.
    package struct Item: Sendable, Equatable {
        /// Status and body of its own; the head is the answer's.
        package var answer: Answer
        /// What it means.
        package var verdict: Verdict
    }

    /// What it means for the first delivery, or for the only one.
    package var first: Verdict {
        switch self {
        case .all(let verdict): verdict
        case .each(let items): items.first?.verdict ?? .delivered(extracted: [], missing: [])
        case .split(let reason): .dead(reason: reason)
        }
    }

    /// Judges what came of one request with `count` deliveries. `redaction` takes secrets out of the reasons.
    package static func judge(
        reply: ReplyResult, count: Int, plugin: Plugin, redaction: Redaction, now: Timestamp
    ) -> BatchVerdict {
        if case .answer(let answer) = reply, let pointer = plugin.batch.items,
            StatusSet.twoHundreds.contains(answer.status)
        {
            return items(of: answer, at: pointer, count: count, plugin, redaction, now)
        }
        var rules = plugin
        // Statuses of `success` beyond 2xx are those of items; so are the conditions and extractions.
        if plugin.batch.items != nil {
            (rules.success, rules.successIf, rules.deadIf, rules.extractions) = (.twoHundreds, nil, nil, [])
        }
        let verdict = Verdict.judge(reply: reply, plugin: rules, redaction: redaction, now: now)
        if case .dead(let reason) = verdict, count > 1 { return .split(reason: reason) }
        return .all(verdict)
    }

    private static func items(
        of answer: Answer, at pointer: String, count: Int, _ plugin: Plugin, _ redaction: Redaction,
        _ now: Timestamp
    ) -> BatchVerdict {
        let steps = JSON.tokens(ofPointer: pointer)
        guard let listed = steps.flatMap({ JSONText(answer.body).elements(at: $0, most: count) }) else {
            let cut = answer.truncated ? "; it was cut at max_response, \(plugin.maximumResponse) bytes" : ""
            let excerpt = Excerpt.of(answer.body, redaction: redaction, isCut: answer.truncated)
            return unclear("the answer has no list at \(pointer)\(cut): \(excerpt)")
        }
        guard listed.count == count else {
            return unclear("the answer lists \(listed.count) outcomes for \(count) deliveries")
        }
        return .each(
            listed.first.map { element in
                var own = Answer(status: answer.status, headers: answer.headers, body: Array(element))
                guard let status = status(of: own.body) else {
                    let excerpt = Excerpt.of(own.body, redaction: redaction)
                    let reason = "the answer has no status for this delivery: \(excerpt)"
                    return Item(
                        answer: own, verdict: .retry(reason: reason, misconfigured: true, retryAfter: nil))
                }
                own.status = status
                // `Retry-After` is about the request, which was accepted.
                own.headers = []
                let verdict = Verdict.judge(
                    reply: .answer(own), plugin: plugin, redaction: redaction, now: now)
                own.headers = answer.headers
                return Item(answer: own, verdict: ofItem(verdict, status: status))
            })
    }

    /// The receiver took the request, so address and key are right, and one item's 4xx is that item's alone: nothing is
    /// misconfigured, and nothing pauses the plugin.
    private static func ofItem(_ verdict: Verdict, status: Int) -> Verdict {
        guard (400...499).contains(status) else { return verdict }
        switch verdict {
        case .retry(let reason, misconfigured: true, _), .pausePlugin(let reason):
            return .dead(reason: reason)
        default: return verdict
        }
    }

    /// `status` of an outcome, or of its only member: `{"create": {"status": 201}}`.
    private static func status(of item: [UInt8]) -> Int? {
        guard let element = try? JSON.parse(item) else { return nil }
        var found = element["status"]
        if found == nil, case .object(let members) = element, members.count == 1 {
            found = members[0].value["status"]
        }
        guard case .number(let text)? = found, let status = Int(text), (100...599).contains(status) else {
            return nil
        }
        return status
    }

    /// The receiver took the request, but what became of the deliveries cannot be read.
    private static func unclear(_ reason: String) -> BatchVerdict {
        .all(.retry(reason: reason, misconfigured: true, retryAfter: nil))
    }
}
