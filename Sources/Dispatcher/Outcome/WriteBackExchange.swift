// An attempt at a write-back: the write itself, and around it what MWDB needs for it. An attribute whose key is
// not defined is defined once, readable by the configured group; a comment that may have been written before is
// looked for first, since MWDB would take it twice; and when an earlier attempt may have defined a key, but not come to
// say who may read it, that is made up for first.
// Failure: what only the operator can mend (missing key and no right to define it) is held, never dropped; an object
// that is gone makes it dead.
// MWDB's answers: mwdb/resources/{attribute,tag,comment}.py.

import Model
import Outbox
import Settings

/// An attempt at a write-back.
struct WriteBackExchange: Exchange {
    private let task: WriteBackTask?
    private let definition: AttributeWriteBack?
    private let mwdb: MWDBSettings?
    /// Takes secrets out of what is said of MWDB's answers.
    private let redaction: Redaction
    /// An earlier attempt may have written it.
    private let mayBeWritten: Bool
    private var token: UInt64 = 0
    private var stage = Stage.writing

    var concernsReceiver: Bool { true }

    private enum Stage: Sendable {
        case lookingForComment, lookingForReaders, grantingFirst, writing, defining, granting, writingAgain
    }

    /// Retry rules and the table of answers for MWDB.
    private static let rules = Plugin(name: "mwdb")

    /// An attempt at the write-back `claim`; `plugin` is the one that caused it, for its attribute's definition.
    /// What was stored before `runningSince` may have been tried by an earlier daemon that was killed.
    init(
        claim: Claim, plugin: Plugin?, mwdb: MWDBSettings?, redaction: Redaction, runningSince: Timestamp
    ) {
        self.mwdb = mwdb
        self.redaction = redaction
        mayBeWritten = claim.attempts > 0 || claim.updatedAt < runningSince
        let task = claim.task.flatMap(WriteBackTask.init(stored:))
        self.task = task
        definition = task.flatMap { plugin?.definition(for: $0.action) }
    }

    mutating func begin(token: UInt64, now: Timestamp) -> ExchangeStep {
        self.token = token
        guard let task else { return .finished(.dead("the stored write-back cannot be read"), nil) }
        guard mwdb?.apiKey != nil else {
            return .finished(
                .held(reason: "write-backs need [mwdb] url and api_key; set them, then retry"), nil)
        }
        if case .comment = task.action, mayBeWritten {
            stage = .lookingForComment
            return send("GET", path(task) + "/comment")
        }
        if case .attribute(let key, _) = task.action, mayBeWritten, definition?.readers != nil {
            stage = .lookingForReaders
            return send("GET", permissions(of: key))
        }
        stage = .writing
        return write(task)
    }

    mutating func next(_ reply: Reply, now: Timestamp) -> ExchangeStep {
        guard let task else { return .finished(.dead("the stored write-back cannot be read"), reply) }
        guard case .answer(let answer) = reply.result else {
            let verdict = Verdict.judge(
                reply: reply.result, plugin: WriteBackExchange.rules, redaction: redaction, now: now)
            return .finished(.judged(verdict), reply)
        }
        switch stage {
        case .lookingForComment: return afterLooking(answer, task, reply, now)
        case .lookingForReaders: return afterLookingForReaders(answer, task, reply, now)
        case .writing: return afterWriting(answer, task, reply, now)
        case .defining: return afterDefining(answer, task, reply, now)
        case .grantingFirst, .granting:
            guard answer.status == 200 else { return afterGrantingFailed(answer, task, reply, now) }
            stage = stage == .granting ? .writingAgain : .writing
            return write(task)
        case .writingAgain: return afterWritingAgain(answer, task, reply, now)
        }
    }

    private mutating func afterLooking(
        _ answer: Answer, _ task: WriteBackTask, _ reply: Reply, _ now: Timestamp
    ) -> ExchangeStep {
        guard answer.status == 200 else { return judged(answer, reply, now) }
        if case .comment(let text) = task.action, isThere(text, in: answer.body) {
            return .finished(.judged(.delivered(extracted: [], missing: [])), reply)
        }
        stage = .writing
        return write(task)
    }

    /// Only a key that nobody has any right to is one that was defined and then left: who else has one, has it from an
    /// administrator, who may also have taken it from our readers.
    private mutating func afterLookingForReaders(
        _ answer: Answer, _ task: WriteBackTask, _ reply: Reply, _ now: Timestamp
    ) -> ExchangeStep {
        switch answer.status {
        case 200:
            guard let permissions = (try? JSON.parse(answer.body))?["attribute_permissions"],
                permissions == .array([]), case .attribute(let key, _) = task.action,
                let group = definition?.readers
            else { break }
            stage = .grantingFirst
            return grant(key, to: group)
        case 403, 404:
            // An account that may not look has not defined it; of one that is not defined, writing tells.
            break
        default: return judged(answer, reply, now)
        }
        stage = .writing
        return write(task)
    }

    /// MWDB says 404 for a group that it does not have.
    private func afterGrantingFailed(
        _ answer: Answer, _ task: WriteBackTask, _ reply: Reply, _ now: Timestamp
    ) -> ExchangeStep {
        guard answer.status == 404, case .attribute(let key, _) = task.action, let group = definition?.readers
        else { return judged(answer, reply, now) }
        let reason =
            "there is no group '\(group)' in MWDB: correct attribute.\(key).readers or make the group, then retry"
        return .finished(.held(reason: reason), reply)
    }

    /// Whether one of the comments in `body` says `text` and is our account's.
    private func isThere(_ text: String, in body: [UInt8]) -> Bool {
        guard case .array(let comments)? = try? JSON.parse(body) else { return false }
        let login = mwdb?.login
        return comments.contains { comment in
            comment["comment"]?.text == text && (login == nil || comment["author"]?.text == login)
        }
    }

    private mutating func afterWriting(
        _ answer: Answer, _ task: WriteBackTask, _ reply: Reply, _ now: Timestamp
    ) -> ExchangeStep {
        // MWDB says 404 for an object it does not have and for a key that is not defined or may not be set.
        guard answer.status == 404, case .attribute(let key, _) = task.action, !saysObjectIsGone(answer)
        else {
            return judged(answer, reply, now)
        }
        guard let definition else {
            let reason =
                "the attribute key '\(key)' is not defined in MWDB, or the account may not set it, and its plugin "
                + "does not say any more how to define it: define it (Settings, Attributes), then retry"
            return .finished(.held(reason: reason), reply)
        }
        stage = .defining
        return send("POST", "/attribute", body: body(defining: definition))
    }

    private mutating func afterDefining(
        _ answer: Answer, _ task: WriteBackTask, _ reply: Reply, _ now: Timestamp
    ) -> ExchangeStep {
        guard case .attribute(let key, _) = task.action else { return judged(answer, reply, now) }
        switch answer.status {
        case 200:
            guard let group = definition?.readers else { break }
            stage = .granting
            return grant(key, to: group)
        case 409:
            // Another write-back in flight has just defined it, or the account may not set it: writing tells.
            break
        case 403:
            let reason =
                "the attribute key '\(key)' is not defined, or the account may not set it, and it may not define keys: "
                + "define '\(key)' in MWDB (Settings, Attributes), give the account's group 'can set' there, then retry"
            return .finished(.held(reason: reason), reply)
        default: return judged(answer, reply, now)
        }
        stage = .writingAgain
        return write(task)
    }

    private func afterWritingAgain(
        _ answer: Answer, _ task: WriteBackTask, _ reply: Reply, _ now: Timestamp
    ) -> ExchangeStep {
        guard answer.status == 404, case .attribute(let key, _) = task.action, !saysObjectIsGone(answer)
        else {
            return judged(answer, reply, now)
        }
        let reason =
            "the attribute key '\(key)' is defined, but the account may not set it: give its group 'can set' for "
            + "'\(key)' (Settings, Attributes) or the capability adding_all_attributes, then retry"
        return .finished(.held(reason: reason), reply)
    }

    private func saysObjectIsGone(_ answer: Answer) -> Bool {
        guard let message = (try? JSON.parse(answer.body))?["message"]?.text else { return false }
        return message.hasPrefix("Object not found")
    }

    /// The receivers' table holds for MWDB too, but for what only the operator can mend, and for an object that is
    /// gone.
    private func judged(_ answer: Answer, _ reply: Reply, _ now: Timestamp) -> ExchangeStep {
        switch answer.status {
        case 404:
            return .finished(
                .dead("MWDB answered 404: the object is gone or not shared with the account"), reply)
        case 403:
            let reason = "MWDB answered 403: give the api_key's account the capability for this, then retry"
            return .finished(.held(reason: reason), reply)
        default:
            let verdict = Verdict.judge(
                reply: .answer(answer), plugin: WriteBackExchange.rules, redaction: redaction, now: now)
            return .finished(.judged(verdict), reply)
        }
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

    private func grant(_ key: String, to group: String) -> ExchangeStep {
        let permission = JSON.object([
            .init(key: "group_name", value: .string(group)), .init(key: "can_read", value: .bool(true)),
            .init(key: "can_set", value: .bool(false)),
        ])
        return send("PUT", permissions(of: key), body: permission)
    }

    private func permissions(of key: String) -> String { "/attribute/\(key)/permissions" }

    private func path(_ task: WriteBackTask) -> String {
        "/\(PercentEncoding.encode(task.objectKind))/\(PercentEncoding.encode(task.objectID))"
    }

    private func body(defining attribute: AttributeWriteBack) -> JSON {
        .object([
            .init(key: "key", value: .string(attribute.key)),
            .init(key: "label", value: .string(attribute.label ?? attribute.key)),
            .init(key: "description", value: .string(attribute.summary ?? "")),
            .init(key: "url_template", value: .string(attribute.urlTemplate ?? "")),
            .init(key: "rich_template", value: .string("")),
            .init(key: "example_value", value: .string("")),
            .init(key: "hidden", value: .bool(false)),
        ])
    }

    private func send(_ method: String, _ path: String, body: JSON? = nil) -> ExchangeStep {
        var headers = mwdbHeaders(key: mwdb?.apiKey ?? "")
        if body != nil { headers.append(Header("content-type", "application/json")) }
        var transport = mwdbTransport()
        // On a kept-alive connection that breaks, libcurl sends the request again by itself: MWDB would take a
        // comment twice without us having looked for it.
        if case .comment = task?.action { transport.reusesConnections = false }
        return .send(
            Request(
                token: token, method: method, url: (mwdb?.url ?? "") + "/api" + path, headers: headers,
                body: body.map { .bytes($0.serialised()) } ?? .none, answer: .memory(limit: 4 << 20),
                transport: transport))
    }
}

extension Plugin {
    /// How the plugin defines the attribute of `action`; nil for other actions, and when it does not name it.
    fileprivate func definition(for action: WriteBackTask.Action) -> AttributeWriteBack? {
        guard case .attribute(let key, _) = action else { return nil }
        for case .attribute(let attribute) in writeBacks where attribute.key == key { return attribute }
        return nil
    }
}
