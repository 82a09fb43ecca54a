// An attempt at a write-back: the write itself, and around it what MWDB needs for it. An attribute whose key is
// not defined is defined once, readable by the configured group; a comment that was tried before is looked for
// first, since MWDB would take it twice.
// Failure: what only the operator can mend (missing key and no right to define it) is held, never dropped.
// MWDB's answers: mwdb/resources/{attribute,tag,comment}.py.

import Model
import Outbox
import Settings

/// An attempt at a write-back.
struct WriteBackExchange: Exchange {
    private let claim: Claim
    private let task: WriteBackTask?
    private let definition: AttributeWriteBack?
    private let mwdb: MWDBSettings?
    private let login: String?
    private var token: UInt64 = 0
    private var stage = Stage.writing

    var concernsReceiver: Bool { true }

    private enum Stage: Sendable {
        case lookingForComment, writing, defining, granting, writingAgain
    }

    /// An attempt at the write-back `claim`; `plugin` is the one that caused it, for its attribute's definition.
    init(claim: Claim, plugin: Plugin?, mwdb: MWDBSettings?) {
        self.claim = claim
        self.mwdb = mwdb
        let task = claim.task.flatMap(WriteBackTask.init(stored:))
        self.task = task
        login = mwdb?.login
        if case .attribute(let key, _)? = task?.action {
            definition =
                plugin?.writeBacks.lazy.compactMap { writeBack in
                    if case .attribute(let attribute) = writeBack, attribute.key == key {
                        attribute
                    } else {
                        nil
                    }
                }.first
        } else {
            definition = nil
        }
    }

    mutating func begin(token: UInt64, now: Timestamp) -> ExchangeStep {
        self.token = token
        guard let task else { return .finished(.dead("the stored write-back cannot be read"), nil) }
        guard mwdb?.apiKey != nil else {
            return .finished(
                .held(reason: "write-backs need [mwdb] url and api_key; set them, then retry"), nil)
        }
        if case .comment = task.action, claim.attempts > 0 {
            stage = .lookingForComment
            return send("GET", path(task) + "/comment")
        }
        stage = .writing
        return write(task)
    }

    mutating func next(_ reply: Reply, now: Timestamp) -> ExchangeStep {
        guard let task else { return .finished(.dead("the stored write-back cannot be read"), reply) }
        guard case .answer(let answer) = reply.result else {
            let verdict = Verdict.judge(reply: reply.result, plugin: Plugin(name: "mwdb"), now: now)
            return .finished(.judged(verdict), reply)
        }
        switch stage {
        case .lookingForComment: return afterLooking(answer, task, reply)
        case .writing: return afterWriting(answer, task, reply, now)
        case .defining: return afterDefining(answer, task, reply, now)
        case .granting:
            guard answer.status == 200 else { return judged(answer, reply, now) }
            stage = .writingAgain
            return write(task)
        case .writingAgain: return afterWritingAgain(answer, task, reply, now)
        }
    }

    private mutating func afterLooking(
        _ answer: Answer, _ task: WriteBackTask, _ reply: Reply
    ) -> ExchangeStep {
        if answer.status == 200, case .comment(let text) = task.action, isThere(text, in: answer.body) {
            return .finished(.judged(.delivered(extracted: [], missing: [])), reply)
        }
        stage = .writing
        return write(task)
    }

    private func isThere(_ text: String, in body: [UInt8]) -> Bool {
        guard case .array(let comments)? = try? JSON.parse(body) else { return false }
        return comments.contains { comment in
            comment["comment"]?.text == text && (login == nil || comment["author"]?.text == login)
        }
    }

    private mutating func afterWriting(
        _ answer: Answer, _ task: WriteBackTask, _ reply: Reply, _ now: Timestamp
    ) -> ExchangeStep {
        guard answer.status == 404, case .attribute(let key, _) = task.action else {
            return judged(answer, reply, now)
        }
        stage = .defining
        return send("POST", "/attribute", body: definitionBody(key))
    }

    private mutating func afterDefining(
        _ answer: Answer, _ task: WriteBackTask, _ reply: Reply, _ now: Timestamp
    ) -> ExchangeStep {
        guard case .attribute(let key, _) = task.action else { return judged(answer, reply, now) }
        switch answer.status {
        case 200:
            guard let group = definition?.readers else {
                stage = .writingAgain
                return write(task)
            }
            stage = .granting
            let permission = JSON.object([
                .init(key: "group_name", value: .string(group)), .init(key: "can_read", value: .bool(true)),
                .init(key: "can_set", value: .bool(false)),
            ])
            return send("PUT", "/attribute/\(key)/permissions", body: permission)
        case 409:
            let reason =
                "MWDB answered 404 for attribute '\(key)': the object is gone or not shared with the account, or "
                + "the account may not set the key; give it can_set on '\(key)', then retry"
            return .finished(.held(reason: reason), reply)
        case 403:
            let reason =
                "the attribute key '\(key)' is not defined and the account may not define it: define it in MWDB "
                + "(Settings, Attributes) or give the account manage_users, then retry"
            return .finished(.held(reason: reason), reply)
        default: return judged(answer, reply, now)
        }
    }

    private func afterWritingAgain(
        _ answer: Answer, _ task: WriteBackTask, _ reply: Reply, _ now: Timestamp
    ) -> ExchangeStep {
        guard answer.status == 404 else { return judged(answer, reply, now) }
        let reason =
            "MWDB answers 404 although the attribute key is defined: the object is gone, not shared with the "
            + "account, or the account lacks adding_all_attributes or can_set; then retry"
        return .finished(.held(reason: reason), reply)
    }

    /// The receivers' table holds for MWDB too, but for 404: a tag or comment on an object that is gone is dead.
    private func judged(_ answer: Answer, _ reply: Reply, _ now: Timestamp) -> ExchangeStep {
        if answer.status == 404 {
            return .finished(
                .dead("MWDB answered 404: the object is gone or not shared with the account"), reply)
        }
        if answer.status == 403 {
            let reason = "MWDB answered 403: give the api_key's account the capability for this, then retry"
            return .finished(.held(reason: reason), reply)
        }
        let verdict = Verdict.judge(reply: .answer(answer), plugin: Plugin(name: "mwdb"), now: now)
        return .finished(.judged(verdict), reply)
    }

    private func write(_ task: WriteBackTask) -> ExchangeStep {
        switch task.action {
        case .attribute(let key, let value):
            let body = JSON.object([
                .init(key: "key", value: .string(key)), .init(key: "value", value: value),
            ])
            return send("POST", path(task) + "/attribute", body: body)
        case .tag(let tag):
            let body = JSON.object([.init(key: "tag", value: .string(tag))])
            return send("PUT", path(task) + "/tag", body: body)
        case .comment(let comment):
            let body = JSON.object([.init(key: "comment", value: .string(comment))])
            return send("POST", path(task) + "/comment", body: body)
        }
    }

    private func path(_ task: WriteBackTask) -> String {
        "/\(task.objectKind)/\(formEncoded(task.objectID))"
    }

    private func definitionBody(_ key: String) -> JSON {
        .object([
            .init(key: "key", value: .string(key)),
            .init(key: "label", value: .string(definition?.label ?? key)),
            .init(key: "description", value: .string(definition?.summary ?? "")),
            .init(key: "url_template", value: .string(definition?.urlTemplate ?? "")),
            .init(key: "rich_template", value: .string("")),
            .init(key: "example_value", value: .string("")),
            .init(key: "hidden", value: .bool(false)),
        ])
    }

    private func send(_ method: String, _ path: String, body: JSON? = nil) -> ExchangeStep {
        var headers = mwdbHeaders(key: mwdb?.apiKey ?? "")
        if body != nil { headers.append(Header("content-type", "application/json")) }
        return .send(
            Request(
                token: token, method: method, url: (mwdb?.url ?? "") + "/api" + path, headers: headers,
                body: body.map { .bytes($0.serialised()) } ?? .none, answer: .memory(limit: 1 << 20),
                transport: mwdbTransport()))
    }
}
