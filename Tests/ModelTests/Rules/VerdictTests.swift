// The table of answers, line by line.

import Testing

@testable import Model

@Suite struct VerdictTests {
    private static let now = Timestamp(milliseconds: 1_795_458_483_266)

    private func judge(
        _ answer: Answer, secrets: Set<String> = [], _ change: (inout Plugin) -> Void = { _ in }
    ) -> Verdict {
        var plugin = Plugin(name: "p")
        change(&plugin)
        return Verdict.judge(
            reply: .answer(answer), plugin: plugin, redaction: Redaction(secrets), now: Self.now)
    }

    private func judge(_ kind: ExchangeFailure.Kind, sent: Bool = false) -> Verdict {
        let failure = ExchangeFailure(kind: kind, message: "why\r\nnot", requestSent: sent)
        return Verdict.judge(
            reply: .failure(failure), plugin: Plugin(name: "p"), redaction: .none, now: Self.now)
    }

    @Test(arguments: [200, 201, 202, 204, 299])
    func delivered(status: Int) {
        #expect(judge(Answer(status: status)) == .delivered(extracted: [], missing: []))
    }

    @Test(arguments: [408, 425, 429, 500, 502, 503, 504, 599])
    func retried(status: Int) {
        let answer = Answer(status: status, headers: [Header("retry-after", "120")], body: "busy".bytes)
        #expect(
            judge(answer)
                == .retry(reason: "HTTP \(status): busy", misconfigured: false, retryAfter: .seconds(120)))
    }

    @Test(arguments: [301, 302, 304, 307, 308, 401, 403, 404, 405, 407])
    func misconfigured(status: Int) {
        let answer = Answer(
            status: status,
            headers: [Header("location", "http://169.254.169.254/"), Header("retry-after", "5")])
        guard case .retry(let reason, true, nil) = judge(answer) else {
            Issue.record("\(judge(answer))"); return
        }
        #expect(reason.hasPrefix("HTTP \(status)"))
    }

    @Test(arguments: [300, 304])
    func withoutALocationNothingRedirects(status: Int) {
        let answer = Answer(status: status, body: "choose".bytes)
        #expect(
            judge(answer)
                == .retry(reason: "HTTP \(status): choose", misconfigured: true, retryAfter: nil))
    }

    @Test func reasonsHoldNoSecrets() throws {
        let condition = try AnswerCondition(parsing: "body contains k3y")
        let answer = Answer(status: 200, body: #"{"echo":"k3y\/secret"}"#.bytes)
        for change in [
            { $0.deadIf = condition }, { $0.successIf = try! AnswerCondition(parsing: "json:/ok == 1") },
        ]
            as [(inout Plugin) -> Void]
        {
            let verdict = judge(answer, secrets: ["k3y/secret"], change)
            #expect("\(verdict)".contains("[redacted]") && !"\(verdict)".contains("secret"))
        }
        let redirect = Answer(status: 302, headers: [Header("location", "http://x/?k=k3y%2fsecret")])
        #expect(!"\(judge(redirect, secrets: ["k3y/secret"]))".contains("k3y"))
    }

    @Test func goneIsPaused() {
        #expect(judge(Answer(status: 410, body: "bye".bytes)) == .pausePlugin(reason: "HTTP 410: bye"))
    }

    @Test(arguments: [400, 402, 406, 409, 411, 413, 415, 418, 421, 422, 451, 499])
    func dead(status: Int) {
        #expect(judge(Answer(status: status, body: "no".bytes)) == .dead(reason: "HTTP \(status): no"))
    }

    @Test func successIsWhatIsConfigured() throws {
        let set = try StatusSet(parsing: "202, 409")
        #expect(judge(Answer(status: 409)) { $0.success = set } == .delivered(extracted: [], missing: []))
        #expect(
            judge(Answer(status: 200)) { $0.success = set }
                == .retry(reason: "not in `success`: HTTP 200", misconfigured: false, retryAfter: nil))
        let gone = try StatusSet(parsing: "410")
        #expect(judge(Answer(status: 410)) { $0.success = gone } == .delivered(extracted: [], missing: []))
    }

    @Test func successIf() throws {
        let condition = try AnswerCondition(parsing: "json:/error != true")
        let failing = Answer(
            status: 200, headers: [Header("retry-after", "60")], body: #"{"error":true}"#.bytes,
            truncated: true)
        let expected = Verdict.retry(
            reason:
                #"success_if (json:/error != true) does not hold: HTTP 200: {"error":true}; the answer was cut at 65536 bytes"#,
            misconfigured: false, retryAfter: .seconds(60))
        #expect(judge(failing) { $0.successIf = condition } == expected)
        let fine = Answer(status: 200, body: #"{"error":[]}"#.bytes)
        #expect(judge(fine) { $0.successIf = condition } == .delivered(extracted: [], missing: []))
    }

    @Test(arguments: [200, 302, 401, 410, 429, 500])
    func deadIfCountsForEveryAnswer(status: Int) throws {
        let answer = Answer(status: status, body: "unknown preset".bytes)
        let condition = try AnswerCondition(parsing: "body contains preset")
        let verdict = judge(answer) { $0.deadIf = condition }
        #expect(
            verdict == .dead(reason: "dead_if (body contains preset) holds: HTTP \(status): unknown preset"))
        let other = try AnswerCondition(parsing: "body contains other")
        #expect(judge(answer) { $0.deadIf = other } != verdict)
    }

    @Test func extractions() throws {
        let answer = Answer(status: 200, body: #"{"task_uid":"12-ab"}"#.bytes)
        let extractions = [
            try Extraction(name: "uid", source: "json:/task_uid"),
            try Extraction(name: "page?", source: "json:/page"),
            try Extraction(name: "score", source: "json:/score"),
        ]
        let verdict = judge(answer) { $0.extractions = extractions }
        #expect(
            verdict
                == .delivered(
                    extracted: [ExtractedValue(name: "uid", value: .string("12-ab"))], missing: ["score"]))
    }

    @Test(arguments: [
        ExchangeFailure.Kind.resolve, .connect, .timeout, .interrupted, .protocolError, .contentDamaged,
        .cancelled, .local,
    ])
    func failuresBeforeTheRequestWasSent(kind: ExchangeFailure.Kind) {
        #expect(judge(kind) == .retry(reason: "why not", misconfigured: false, retryAfter: nil))
    }

    @Test(arguments: [ExchangeFailure.Kind.certificate, .egress, .request])
    func failuresOfTheConfiguration(kind: ExchangeFailure.Kind) {
        #expect(judge(kind) == .retry(reason: "why not", misconfigured: true, retryAfter: nil))
    }

    @Test(arguments: [ExchangeFailure.Kind.timeout, .interrupted, .protocolError, .connect, .cancelled])
    func sentWithoutAnAnswerIsAmbiguous(kind: ExchangeFailure.Kind) {
        #expect(
            judge(kind, sent: true)
                == .ambiguous(reason: "the request was sent, no complete answer came: why not"))
    }

    @Test func aDamagedSampleIsNeverAmbiguous() {
        #expect(
            judge(.contentDamaged, sent: true)
                == .retry(reason: "why not", misconfigured: false, retryAfter: nil))
    }

    @Test(arguments: Hostile.strings)
    func reasonsAreOneHarmlessLine(text: String) {
        for status in [302, 400, 500] {
            let answer = Answer(
                status: status, headers: [Header("location", text), Header("retry-after", text)],
                body: text.bytes)
            let reason: String
            switch judge(answer) {
            case .retry(let words, _, let after):
                reason = words
                #expect(after == nil)
            case .dead(let words): reason = words
            default: Issue.record("unexpected"); return
            }
            #expect(reason.count < 400)
            #expect(
                !reason.unicodeScalars.contains {
                    $0.value < 0x20 || (0x7F...0x9F).contains($0.value) || $0 == "\u{202E}"
                })
        }
    }

    @Test(
        arguments: [
            ("120", 120_000), (" 5 ", 5_000), ("0", nil), ("-5", nil), ("1.5", nil), ("soon", nil), ("", nil),
            ("5,6", nil), ("86400", 86_400_000),
            ("86401", 86_400_000), ("99999999999999999999999", 86_400_000),
            ("Mon, 23 Nov 2026 18:29:03 GMT", 59_734),
            ("Mon, 23 Nov 2026 18:28:00 GMT", nil), ("Fri, 23 Nov 2029 18:28:00 GMT", 86_400_000),
            ("Mon, 23 Nov 2026", nil),
        ] as [(String, Int64?)])
    func retryAfter(text: String, expected: Int64?) {
        #expect(Self.now.milliseconds == 1_795_458_483_266)
        let answer = Answer(status: 503, headers: [Header("retry-after", text)])
        #expect(RetryAfter.read(from: answer, now: Self.now)?.milliseconds == expected)
    }

    @Test func retryAfterIsMeasuredOnTheReceiversClock() {
        let answer = Answer(
            status: 503,
            headers: [
                Header("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
                Header("retry-after", "Sun, 06 Nov 1994 08:50:37 GMT"),
            ])
        #expect(RetryAfter.read(from: answer, now: Self.now) == .minutes(1))
    }
}
