// An attempt at a plugin's delivery: the request to its receiver, and before it, when the sample is not on disk
// or turns out damaged while it is sent, one fetch of the sample from MWDB.
// Failure: a sample that MWDB no longer has makes the delivery dead; one that cannot be fetched because nobody
// configured how is held for the operator; everything else is judged by the table of answers.

import Model
import Outbox
import Settings

/// An attempt at a plugin's delivery.
struct ReceiverExchange: Exchange {
    private let builder: RequestBuilder
    private let event: EventSource
    private let samples: SampleStore
    private var token: UInt64 = 0
    private var stage = Stage.sending
    private var fetched = false

    var concernsReceiver: Bool {
        if case .sending = stage { true } else { false }
    }

    private enum Stage: Sendable {
        case sending
        case fetching(FileReference, temporary: String)
        /// Nothing can be sent: the reason is ours, not the receiver's.
        case withoutSample
    }

    /// An attempt at delivering `claim` by `builder`; samples are found in `samples`.
    init(claim: Claim, builder: RequestBuilder, samples: SampleStore) {
        self.builder = builder
        event = claim.event
        self.samples = samples
    }

    mutating func begin(token: UInt64, now: Timestamp) -> ExchangeStep {
        self.token = token
        return send(now)
    }

    mutating func next(_ reply: Reply, now: Timestamp) -> ExchangeStep {
        switch stage {
        case .sending: afterSending(reply, now)
        case .fetching(let file, let temporary): afterFetching(reply, file, temporary, now)
        case .withoutSample: .finished(.retry("the sample is not there"), reply)
        }
    }

    private mutating func send(_ now: Timestamp) -> ExchangeStep {
        stage = .sending
        var sample: FileContent?
        if builder.sendsSample, let file = event.file {
            guard let path = samples.path(of: file) else { return fetch(file, now) }
            sample = FileContent(path: path, size: file.size, sha256: file.sha256)
        }
        do throws(RequestBuilder.Failure) {
            return .send(try builder.request(token: token, event: event, sample: sample, now: now))
        } catch {
            return .finished(.dead(error.reason), nil)
        }
    }

    private mutating func afterSending(_ reply: Reply, _ now: Timestamp) -> ExchangeStep {
        if case .failure(let failure) = reply.result, failure.kind == .contentDamaged, let file = event.file {
            guard fetched else { return fetch(file, now) }
            return .finished(.retry("the sample changed while it was sent"), reply)
        }
        let verdict = Verdict.judge(
            reply: reply.result, plugin: builder.plugin, redaction: builder.redaction, now: now)
        return .finished(.judged(verdict), reply)
    }

    private mutating func fetch(_ file: FileReference, _ now: Timestamp) -> ExchangeStep {
        stage = .withoutSample
        guard let mwdb = builder.mwdb, let key = mwdb.apiKey else {
            if samples.isBeingWritten(file, now: now) {
                // MWDB writes a re-uploaded file into the same inode: whole again in a moment.
                return .finished(.retry("the sample on disk is not whole, MWDB may be writing it"), nil)
            }
            let reason =
                "the sample is not in the spool and cannot be fetched: set [mwdb] url and api_key, then retry"
            return .finished(.held(reason: reason), nil)
        }
        if let problem = samples.problem(keeping: file) { return .finished(.retry(problem), nil) }
        fetched = true
        let temporary = samples.temporaryPath(of: file, token: token)
        stage = .fetching(file, temporary: temporary)
        return .send(
            Request(
                token: token, method: "GET", url: mwdb.url + "/api/file/\(file.sha256)/download",
                headers: mwdbHeaders(key: key),
                answer: .file(path: temporary, sha256: file.sha256, limit: file.size ?? .max),
                transport: mwdbTransport(bytes: file.size ?? 1 << 30)))
    }

    private mutating func afterFetching(
        _ reply: Reply, _ file: FileReference, _ temporary: String, _ now: Timestamp
    ) -> ExchangeStep {
        switch reply.result {
        case .answer(let answer) where answer.status == 200:
            if let problem = samples.keep(temporary, as: file) {
                return .finished(.retry(problem), nil)
            }
            return send(now)
        case .answer(let answer) where answer.status == 404:
            return .finished(
                .dead("content gone: MWDB has no file \(file.sha256) for this account"), reply)
        case .answer(let answer) where answer.status == 401 || answer.status == 403:
            let reason =
                "MWDB answered \(answer.status) for the sample: [mwdb] api_key needs the capability "
                + "downloading_files and access to the object"
            return .finished(.retry(reason, misconfigured: true), reply)
        case .answer(let answer):
            return .finished(.retry("MWDB answered \(answer.status) for the sample"), reply)
        case .failure(let failure):
            let reason = "the sample could not be fetched from MWDB: \(failure.message)"
            return .finished(.retry(reason), reply)
        }
    }
}

/// Headers of requests to MWDB's API.
func mwdbHeaders(key: String) -> [Header] {
    [Header("authorization", "Bearer \(key)"), Header("user-agent", Product.userAgent)]
}

/// MWDB is named by the operator and may be anywhere, link-local addresses included.
func mwdbTransport(bytes: Int64 = 0) -> Transport {
    Transport(
        egress: EgressPolicy(allowed: [], denied: []), totalTimeout: .seconds(60) + .seconds(bytes >> 20))
}
