// What an answer means for the deliveries of a batch.

import Testing

@testable import Model

@Suite struct BatchVerdictTests {
    private func judge(
        _ status: Int, _ body: String = "", count: Int = 2, items: String? = nil, truncated: Bool = false,
        secrets: Set<String> = [], _ change: (inout Plugin) -> Void = { _ in }
    ) -> BatchVerdict {
        var plugin = Plugin(name: "p")
        plugin.batch.count = 10
        plugin.batch.items = items
        change(&plugin)
        let answer = Answer(
            status: status, headers: [Header("retry-after", "7")], body: body.bytes, truncated: truncated)
        return BatchVerdict.judge(
            reply: .answer(answer), count: count, plugin: plugin, redaction: Redaction(secrets),
            now: Timestamp(milliseconds: 0))
    }

    private func verdicts(_ verdict: BatchVerdict) -> [Verdict]? {
        if case .each(let items) = verdict { items.map(\.verdict) } else { nil }
    }

    @Test func oneAnswerIsForAll() {
        #expect(judge(200) == .all(.delivered(extracted: [], missing: [])))
        #expect(
            judge(503) == .all(.retry(reason: "HTTP 503", misconfigured: false, retryAfter: .seconds(7))))
        #expect(judge(410) == .all(.pausePlugin(reason: "HTTP 410")))
    }

    @Test(arguments: [400, 413, 422])
    func whatKillsAllIsTriedInHalves(_ status: Int) {
        #expect(judge(status) == .split(reason: "HTTP \(status)"))
        #expect(
            judge(status, count: 1) == .all(.dead(reason: "HTTP \(status)")), "one dies by its own answer")
        #expect(judge(status, items: "/items") == .split(reason: "HTTP \(status)"))
    }

    @Test func withoutACompleteAnswerAllAreAmbiguous() {
        let failure = ExchangeFailure(kind: .timeout, message: "late", requestSent: true)
        let verdict = BatchVerdict.judge(
            reply: .failure(failure), count: 3, plugin: Plugin(name: "p"), redaction: .none,
            now: Timestamp(milliseconds: 0))
        guard case .all(.ambiguous) = verdict else {
            Issue.record("\(verdict)")
            return
        }
    }

    /// As Elasticsearch's _bulk answers.
    @Test func eachItemHasItsOwnOutcome() throws {
        let body = """
            {"took":3,"errors":true,"items":[{"create":{"_id":"a","status":201}},
             {"create":{"_id":"b","status":429,"error":{"type":"es_rejected_execution_exception"}}},
             {"create":{"_id":"c","status":400,"error":{"type":"mapper_parsing_exception"}}},
             {"create":{"_id":"d","status":409}},{"status":503},{"index":{"status":403}}]}
            """
        let verdict = judge(200, body, count: 6, items: "/items") {
            $0.success = StatusSet(ranges: [200...299, 409...409])
        }
        let found = try #require(verdicts(verdict))
        #expect(found[0] == .delivered(extracted: [], missing: []))
        guard case .retry(let busy, false, nil) = found[1] else {
            Issue.record("\(found[1])")
            return
        }
        #expect(busy.contains("es_rejected"), "Retry-After is about requests")
        guard case .dead(let reason) = found[2] else {
            Issue.record("\(found[2])")
            return
        }
        #expect(reason.contains("mapper_parsing_exception"))
        #expect(found[3] == found[0], "what is there already is as good as delivered")
        guard case .retry(_, false, nil) = found[4] else {
            Issue.record("\(found[4])")
            return
        }
        guard case .dead = found[5] else {
            Issue.record("\(found[5])")
            return
        }
        guard case .each(let items) = verdict else { return }
        #expect(items.map(\.answer.status) == [201, 429, 400, 409, 503, 403])
        #expect(
            items[1].answer.body
                == #"{"create":{"_id":"b","status":429,"error":{"type":"es_rejected_execution_exception"}}}"#
                .bytes)
    }

    @Test(arguments: [400, 401, 403, 404, 405, 407, 409, 410, 422])
    func oneItemsRefusalIsItsOwn(_ status: Int) {
        let body = #"{"items":[{"status":\#(status)},{"status":200}]}"#
        let found = verdicts(judge(200, body, items: "/items"))
        guard case .dead? = found?.first else {
            Issue.record("\(String(describing: found))")
            return
        }
        #expect(found?.last == .delivered(extracted: [], missing: []))
    }

    @Test(arguments: [408, 425, 429, 500, 503])
    func oneItemsTroubleIsTriedAgainAlone(_ status: Int) {
        let found = verdicts(judge(200, #"{"items":[{"status":\#(status)}]}"#, count: 1, items: "/items"))
        guard case .retry(_, false, nil)? = found?.first else {
            Issue.record("\(String(describing: found))")
            return
        }
    }

    @Test func aByteOrderMarkIsReadOver() {
        let found = verdicts(
            judge(200, "\u{FEFF}" + #"{"items":[{"status":200},{"status":201}]}"#, items: "/items"))
        #expect(found?.count == 2)
    }

    @Test func reasonsOfItemsHoldNoSecrets() {
        let body = #"{"items":[{"status":400,"echo":"k3y-secret"},{"echo":"k3y-secret"}]}"#
        #expect(
            !"\(verdicts(judge(200, body, items: "/items", secrets: ["k3y-secret"])) ?? [])".contains("k3y"))
        #expect(!"\(judge(200, "k3y-secret", items: "/items", secrets: ["k3y-secret"]))".contains("k3y"))
    }

    @Test func conditionsLookAtTheItem() throws {
        let body = #"{"items":[{"status":200,"r":"bad"},{"status":200,"r":"fine"}]}"#
        let found = verdicts(
            judge(200, body, items: "/items") {
                $0.deadIf = try? AnswerCondition(parsing: #"json:/r == "bad""#)
            })
        guard case .dead? = found?.first else {
            Issue.record("\(String(describing: found))")
            return
        }
        #expect(found?.last == .delivered(extracted: [], missing: []))
    }

    @Test(arguments: [
        "", "no JSON", "{}", #"{"items":{}}"#, #"{"items":[{"status":201}]}"#,
        #"{"items":[{"status":201},{"status":201},{"status":201}]}"#,
    ])
    func anAnswerThatDoesNotSayLosesNothing(_ body: String) {
        guard case .all(.retry(let reason, true, nil)) = judge(200, body, items: "/items", truncated: true)
        else {
            Issue.record("\(body)")
            return
        }
        #expect(reason.contains("outcomes") || reason.contains("max_response"))
    }

    @Test(arguments: [
        #"{"status":"201"}"#, #"{"status":2010}"#, "7", "null", "{}", #"{"a":{"status":201},"b":1}"#,
    ])
    func anItemWithoutAStatusIsTriedAgain(_ item: String) {
        let found = verdicts(judge(200, #"{"items":[{"status":200},\#(item)]}"#, items: "/items"))
        #expect(found?.first == .delivered(extracted: [], missing: []))
        guard case .retry(_, true, nil)? = found?.last else {
            Issue.record("\(item)")
            return
        }
    }
}
