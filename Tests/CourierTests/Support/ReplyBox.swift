// Where a test's courier puts its replies, and how the test waits for them.

import Courier
import Glibc
import Mailbox
import Model
import Testing

/// Collects replies; a test waits for as many as it sent.
final class ReplyBox: Sendable {
    private let mailbox = Mailbox<Reply>()
    private let batches = Lock<[Int]>([])

    init() {
        precondition(ProxyEnvironment.isSet)
    }

    /// For `Courier.init`.
    func put(_ replies: [Reply]) {
        batches.withLock { $0.append(replies.count) }
        mailbox.post(contentsOf: replies)
    }

    /// Sizes of the batches so far.
    var batchSizes: [Int] { batches.withLock { $0 } }

    /// Waits for `count` replies; fewer after 20 s without any.
    func take(_ count: Int) -> [Reply] {
        var replies: [Reply] = []
        while replies.count < count {
            let more = mailbox.wait(milliseconds: 20_000)
            if more.isEmpty {
                Issue.record("\(replies.count) of \(count) replies came")
                return replies
            }
            replies += more
        }
        return replies
    }

    /// Replies that came without being waited for.
    func rest() -> [Reply] { mailbox.take() }
}

extension Courier {
    /// A courier and where its replies go.
    static func withBox() throws -> (courier: Courier, box: ReplyBox) {
        let box = ReplyBox()
        return (try Courier { box.put($0) }, box)
    }

    /// Sends one request and waits for its reply.
    static func reply(to request: Request) throws -> Reply {
        let (courier, box) = try withBox()
        defer { courier.stop() }
        courier.send([request])
        return try #require(box.take(1).first)
    }
}

extension Reply {
    /// The answer, if it is one.
    var answer: Answer? {
        if case .answer(let answer) = result { answer } else { nil }
    }

    /// The failure, if it is one.
    var failure: ExchangeFailure? {
        if case .failure(let failure) = result { failure } else { nil }
    }
}

extension Request {
    /// A POST of `body` to `url` with short time-outs.
    static func post(
        _ url: String, _ body: RequestBody = .bytes(Array("{}".utf8)), token: UInt64 = 1,
        headers: [Header] = [], answer: AnswerSink = .memory(limit: 65_536),
        transport: Transport = Transport()
    ) -> Request {
        Request(token: token, url: url, headers: headers, body: body, answer: answer, transport: transport)
    }
}
