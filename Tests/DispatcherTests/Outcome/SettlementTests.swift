// Every row of the table of answers: what is stored, and what the queue learns.

import Model
import Outbox
import Settings
import Testing

@testable import Dispatcher

struct SettlementTests {
    private func settle(
        _ reply: Reply?, _ conclusion: Conclusion? = nil, claim: Claim = .of(),
        triedFor: Span = .seconds(10), concernsReceiver: Bool = true, secrets: Set<String> = [],
        random: UInt64 = .max, _ change: (inout Plugin) -> Void = { _ in }
    ) -> Settlement {
        let plugin = Plugin.named("p", change)
        let judged = reply.map {
            Verdict.judge(
                reply: $0.result, plugin: plugin, redaction: Redaction(secrets), now: .at(100))
        }
        let finished = FinishedAttempt(
            claim: claim, conclusion: conclusion ?? .judged(judged!), reply: reply,
            concernsReceiver: concernsReceiver, startedAt: .at(99), triedFor: triedFor)
        return Settling(plugin: plugin, mwdb: .test, redaction: Redaction(secrets))
            .settlement(of: finished, now: .at(100), random: random)
    }

    private enum Became: Equatable {
        case delivered, retry(Timestamp), held, dead
    }

    private func became(_ settlement: Settlement) -> Became {
        switch settlement.record.change {
        case .delivered: .delivered
        case .retry(let at, _): .retry(at)
        case .held: .held
        case .dead: .dead
        }
    }

    private func isRetry(_ settlement: Settlement) -> Bool {
        if case .retry = settlement.record.change { true } else { false }
    }

    // MARK: The table

    @Test(arguments: [200, 201, 202, 204, 299])
    func twoHundredsAreDelivered(_ status: Int) {
        let settlement = settle(.answer(status, milliseconds: 30))
        #expect(became(settlement) == .delivered && settlement.outcome == .delivered)
        #expect(settlement.signal == .success(latency: .milliseconds(30)))
        #expect(settlement.misconfigured == nil && settlement.pause == nil && settlement.notBefore == nil)
    }

    @Test(arguments: [408, 425, 429, 500, 502, 503, 504, 599])
    func troubleIsTriedAgain(_ status: Int) {
        let settlement = settle(.answer(status))
        #expect(isRetry(settlement) && settlement.misconfigured == nil && settlement.pause == nil)
        #expect(settlement.signal == (status == 429 || status == 503 ? .congested : .failed))
    }

    @Test(arguments: [301, 302, 307, 308, 401, 403, 404, 405, 407])
    func aWrongConfigurationIsTriedAgainAndShown(_ status: Int) {
        let settlement = settle(.answer(status))
        #expect(isRetry(settlement))
        #expect(settlement.misconfigured?.contains("\(status)") == true)
        #expect(settlement.signal == .failed)
    }

    @Test func aWrongCertificateIsTriedAgainAndShown() {
        let settlement = settle(.failure(.certificate))
        #expect(isRetry(settlement) && settlement.misconfigured != nil && settlement.signal == .failed)
    }

    @Test func goneHoldsTheBacklog() {
        let settlement = settle(.answer(410))
        #expect(became(settlement) == .retry(.at(100)), "the delivery waits with the others")
        #expect(settlement.pause?.contains("410") == true)
        #expect(settlement.signal == .neutral)
    }

    @Test(arguments: [400, 402, 406, 409, 411, 412, 413, 414, 415, 422, 426, 451, 499])
    func otherRefusalsAreDead(_ status: Int) {
        let settlement = settle(.answer(status, body: "because"))
        #expect(became(settlement) == .dead)
        guard case .dead(let reason) = settlement.outcome else { return }
        #expect(reason.contains("\(status)") && reason.contains("because"))
        #expect(settlement.signal == .neutral)
    }

    @Test(arguments: [
        ExchangeFailure.Kind.resolve, .connect, .timeout, .interrupted, .protocolError, .egress, .local,
        .contentDamaged,
    ])
    func whatWasNotSentIsTriedAgain(_ kind: ExchangeFailure.Kind) {
        #expect(isRetry(settle(.failure(kind))))
    }

    @Test func whatWasSentAndNotAnsweredIsForTheOperatorWhereHeWantsIt() {
        #expect(isRetry(settle(.failure(.timeout, sent: true))))
        let held = settle(.failure(.timeout, sent: true)) { $0.onAmbiguous = .hold }
        #expect(became(held) == .held)
        #expect(isRetry(settle(.failure(.connect)) { $0.onAmbiguous = .hold }))
    }

    @Test func successIsWhatThePluginSays() throws {
        #expect(
            became(settle(.answer(409)) { $0.success = StatusSet(ranges: [200...299, 409...409]) })
                == .delivered)
        let cape = try AnswerCondition(parsing: "json:/error != true")
        #expect(isRetry(settle(.answer(200, body: #"{"error": true}"#)) { $0.successIf = cape }))
        #expect(became(settle(.answer(200, body: #"{"error": []}"#)) { $0.successIf = cape }) == .delivered)
        let final = try AnswerCondition(parsing: #"json:/error == "unsupported""#)
        #expect(
            became(settle(.answer(500, body: #"{"error": "unsupported"}"#)) { $0.deadIf = final }) == .dead)
    }

    // MARK: Retries

    @Test func retriesBackOff() {
        func delay(_ attempts: Int, _ random: UInt64) -> Became {
            became(
                settle(.answer(500), claim: .of(attempts: attempts), random: random) {
                    $0.backoff = Backoff(shortest: .seconds(10), longest: .minutes(5))
                })
        }
        #expect(delay(0, .max) == .retry(.at(110)))
        #expect(delay(1, .max) == .retry(.at(120)))
        #expect(delay(4, .max) == .retry(.at(260)))
        #expect(delay(50, .max) == .retry(.at(400)))
        #expect(delay(50, 0) == .retry(.at(101)))
    }

    @Test func givingUpNeedsAgeAndAttempts() {
        func after(_ attempts: Int, _ days: Int64) -> Settlement {
            settle(.answer(500), claim: .of(attempts: attempts, triedFor: .days(days)), triedFor: .hours(1))
        }
        #expect(isRetry(after(3, 30)), "four attempts are too few")
        #expect(isRetry(after(1000, 2)), "two days are too short")
        #expect(became(after(4, 3)) == .dead)
        #expect(became(settle(.answer(500), claim: .of(attempts: 2)) { $0.maximumAttempts = 3 }) == .dead)
        #expect(isRetry(settle(.answer(500), claim: .of(attempts: 1)) { $0.maximumAttempts = 3 }))
    }

    @Test func aGivenUpDeliveryStillTeachesTheQueue() {
        let settlement = settle(.answer(503), claim: .of(attempts: 9)) { $0.maximumAttempts = 3 }
        #expect(became(settlement) == .dead && settlement.signal == .congested)
    }

    @Test func retryAfterIsForTheWholePlugin() {
        let settlement = settle(.answer(429, [Header("retry-after", "120")]))
        #expect(settlement.notBefore == .at(220))
        #expect(settle(.answer(503)).notBefore == nil)
        let fetching = settle(.answer(429, [Header("retry-after", "120")]), concernsReceiver: false)
        #expect(fetching.notBefore == nil, "MWDB's word is not the receiver's")
    }

    @Test func theTimeItCouldBeTriedIsStored() {
        #expect(settle(.answer(500), triedFor: .seconds(42)).record.triedFor == .seconds(42))
    }

    // MARK: What the queue does not learn

    @Test func whatIsNotTheReceiversFaultTeachesNothing() {
        #expect(settle(.answer(500), concernsReceiver: false).signal == nil)
        #expect(settle(.failure(.contentDamaged)).signal == nil)
        #expect(settle(.failure(.local)).signal == nil)
        #expect(settle(nil, .retry("no room")).signal == nil)
        #expect(settle(nil, .dead("no file")).signal == nil)
        #expect(settle(nil, .held(reason: "no key")).signal == nil)
        #expect(settle(.answer(403), .held(reason: "no right")).signal == .neutral)
    }

    @Test func aKeyWithoutRightsIsShownThoughTheReceiverIsWell() {
        let conclusion = Conclusion.retry("MWDB answered 403", misconfigured: true)
        let settlement = settle(.answer(403), conclusion, concernsReceiver: false)
        #expect(settlement.misconfigured == "MWDB answered 403" && settlement.signal == nil)
    }

    // MARK: The attempt's record

    @Test func theAttemptIsRecorded() throws {
        let reply = Reply.answer(
            503, [Header("server", "nginx"), Header("x-note", "later")], body: "busy", milliseconds: 250)
        let attempt = try #require(settle(reply, claim: .of(attempts: 3)).record.attempt)
        #expect(attempt.number == 4 && attempt.status == 503 && attempt.failure == nil)
        #expect(attempt.startedAt == .at(99) && attempt.endedAt == .at(100))
        #expect(attempt.answerHeaders == "server: nginx\nx-note: later")
        #expect(attempt.answerBody == Array("busy".utf8))
        #expect(attempt.timings.total == 250_000 && attempt.remoteAddress == "127.0.0.1:9")
        #expect(attempt.message.contains("503"))
        let failed = try #require(settle(.failure(.connect)).record.attempt)
        #expect(failed.status == nil && failed.failure == "connect")
        let unsent = try #require(settle(nil, .retry("no room")).record.attempt)
        #expect(unsent.number == 1 && unsent.failure == "local" && unsent.message == "no room")
        #expect(settle(nil, .held(reason: "no key")).record.attempt == nil)
    }

    @Test func recordsAreBounded() throws {
        let reply = Reply.answer(
            500, [Header("x", String(repeating: "h", count: 60_000))],
            body: String(repeating: "b", count: 60_000))
        let attempt = try #require(settle(reply).record.attempt)
        #expect(attempt.answerBody.count == 4096 && attempt.answerHeaders.count == 8192)
    }

    @Test func secretsThatAreEchoedAreNotStored() throws {
        let secret = "s3cr3t-t0ken"
        let filler = String(repeating: "b", count: 4090)
        for status in [400, 410, 404, 500] {
            let settlement = settle(
                .answer(
                    status, [Header("x-echo", "Bearer \(secret)")],
                    body: "token \(secret) \(filler) \(secret)"),
                secrets: [secret])
            let attempt = try #require(settlement.record.attempt)
            let stored = [
                attempt.message, attempt.answerHeaders, String(decoding: attempt.answerBody, as: UTF8.self),
                "\(settlement.record.change)", settlement.pause ?? "", settlement.misconfigured ?? "",
            ].joined()
            #expect(!stored.contains("s3cr3t"), "\(status)")
        }
        let held = settle(.failure(.timeout, sent: true, "to \(secret)"), secrets: [secret]) {
            $0.onAmbiguous = .hold
        }
        #expect(!"\(held.record.change)".contains(secret))
    }

    @Test func halfASecretIsNotStoredEither() throws {
        let secret = "s3cr3t-t0ken"
        for length in 4..<secret.utf8.count {
            let start = String(secret.prefix(length))
            let filler = String(repeating: "b", count: 8192 - length)
            for body in [filler + secret, "no " + start] {
                let reply = Reply.answer(500, body: body)
                guard case .answer(var answer) = reply.result else { return }
                answer.truncated = body.count < 100
                var cut = reply
                cut.result = .answer(answer)
                let settlement = settle(cut, secrets: [secret])
                let stored = try #require(settlement.record.attempt)
                #expect(!stored.message.contains("s3cr"), "\(length)")
                #expect(!String(decoding: stored.answerBody, as: UTF8.self).contains("s3cr"), "\(length)")
            }
        }
    }

    // MARK: Extraction

    @Test func anEchoedSecretGetsNeitherIntoTheOutboxNorIntoMWDB() throws {
        let settlement = settle(
            .answer(200, body: #"{"echo": {"key": "Bearer s3cr3t\/t0ken"}}"#), secrets: ["s3cr3t/t0ken"]
        ) {
            $0.extractions = [
                try! Extraction(name: "whole", source: "json:/echo"),
                try! Extraction(name: "text", source: "regex:key.*"),
            ]
            $0.writeBacks = [.tag(.of("{{whole.key}}")), .comment(.of("{{text}}"))]
        }
        guard case .delivered(let extracted, let writeBacks) = settlement.record.change else {
            Issue.record("not delivered")
            return
        }
        let stored = [try #require(extracted)] + writeBacks.map(\.task)
        #expect(stored.count == 3)
        for bytes in stored {
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(text.contains("[redacted]") && !text.contains("s3cr3t"), "\(text)")
        }
    }

    @Test func extractedValuesAndWriteBacksAreStoredWithTheOutcome() throws {
        let settlement = settle(.answer(200, body: #"{"task_uid": "t-1"}"#)) {
            $0.extractions = [try! Extraction(name: "task_uid", source: "json:/task_uid")]
            $0.writeBacks = [.attribute(AttributeWriteBack(key: "drakvuf", value: .of("{{task_uid}}")))]
        }
        guard case .delivered(let extracted, let writeBacks) = settlement.record.change else {
            Issue.record("not delivered")
            return
        }
        #expect(extracted == Array(#"{"task_uid":"t-1"}"#.utf8))
        #expect(writeBacks.count == 1 && writeBacks[0].dead == nil)
        let task = try #require(WriteBackTask(stored: writeBacks[0].task))
        #expect(task.action == .attribute(key: "drakvuf", value: .string("t-1")))
    }

    @Test func aMissingExtractionIsDeliveredAndItsWriteBackDead() throws {
        let settlement = settle(.answer(200, body: "{}")) {
            $0.extractions = [try! Extraction(name: "task_uid", source: "json:/task_uid")]
            $0.writeBacks = [.attribute(AttributeWriteBack(key: "drakvuf", value: .of("{{task_uid}}")))]
        }
        guard case .delivered(nil, let writeBacks) = settlement.record.change else {
            Issue.record("not delivered")
            return
        }
        #expect(try #require(writeBacks.first?.dead).contains("extract.task_uid"))
        #expect(settlement.record.attempt?.message.contains("task_uid") == true)
    }
}
