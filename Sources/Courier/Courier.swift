// One verb: send. Requests go out, replies come back, in batches; between them a thread with libcurl.
// Stands between Delivery, which builds requests, and Outcome, which judges replies.
// Failure: a request that fails is a reply that says how; only starting can throw.

import Glibc
import Mailbox
import Model

/// Carries out HTTP requests on a thread of its own.
///
/// ```swift
/// let courier = try Courier { replies in outcomes.post(contentsOf: replies) }
/// courier.send([Request(token: 1, url: "http://127.0.0.1:9000/", transport: Transport())])
/// ```
package final class Courier: Sendable {
    private let mailbox: Mailbox<Command>
    private let thread: WorkerThread
    private let isStopped = Lock(false)
    private let onReplies: @Sendable ([Reply]) -> Void

    /// Starts the courier's thread.
    ///
    /// How many requests are in flight is the sender's business: whatever is sent is started at once, but for
    /// requests of a group, which start as the group's limit permits.
    /// - Parameters:
    ///   - name: the thread's name, at most 15 bytes.
    ///   - idleConnections: most connections to one destination kept open for later requests, beside those
    ///     in use.
    ///   - onReplies: called on the courier's thread with what came since its last call; must not block.
    ///     Every request gets exactly one reply.
    /// - Throws: `CourierError` when the system or libcurl refuses.
    package init(
        name: String = "courier", idleConnections: Int = 128,
        onReplies: @escaping @Sendable ([Reply]) -> Void
    ) throws(CourierError) {
        try CurlLibrary.start()
        let mailbox = Mailbox<Command>()
        let flusher = try Flusher(name: name + "-disk", courier: mailbox)
        let signer = try Signer(name: name + "-sign", courier: mailbox)
        let engine = try Engine(
            mailbox: mailbox, idleConnections: idleConnections, flusher: flusher, signer: signer,
            onReplies: onReplies)
        thread = try CourierError.wrap { () throws(WorkerThreadError) in
            try WorkerThread(name: name) { engine.run() }
        }
        self.mailbox = mailbox
        self.onReplies = onReplies
    }

    deinit {
        stop()
    }

    /// Starts `requests`, those of a group within its limit: what is over it waits and starts in the moment in which
    /// another one ends. `limits` hold from now on. After a reply that is no answer of 200 to 299 nothing more of
    /// its group starts until a limit is given anew. Never blocks. After `stop` requests are answered at once, on
    /// the caller's thread, as cancelled.
    package func send(_ requests: [Request], limits: [GroupLimit] = []) {
        if requests.isEmpty && limits.isEmpty { return }
        if !post(.send(requests, limits: limits)) { onReplies(requests.map { Courier.cancelled($0) }) }
    }

    /// Gives back what waits in `groups` and was not started, each with its reply, as cancelled; then calls
    /// `completion`, on the courier's thread, or at once after `stop`.
    package func recall(_ groups: [Int], completion: @escaping @Sendable () -> Void = {}) {
        if !post(.recall(groups, completion)) { completion() }
    }

    /// Aborts the requests with these tokens; each gets its reply, as cancelled, unless it was just finished.
    /// Unknown tokens are ignored.
    package func cancel(_ tokens: [UInt64]) {
        if !tokens.isEmpty { mailbox.post(.cancel(tokens)) }
    }

    /// Aborts all requests (their replies are given, as cancelled) and waits for the thread's end. Not to be
    /// called in `onReplies`.
    package func stop() {
        isStopped.withLock { isStopped in
            if !isStopped { mailbox.post(.stop) }
            isStopped = true
        }
        thread.join()
    }

    /// libcurl's version line, e.g. `libcurl/7.88.1 OpenSSL/3.0.19 zlib/1.2.13`.
    package static var version: String { CurlLibrary.version }

    /// Carries out one request on the caller's thread and waits for its reply. For commands.
    package static func exchange(_ request: Request) -> Reply {
        var replies: [Reply] = []
        do throws(CourierError) {
            try CurlLibrary.start()
            let engine = try Engine(mailbox: Mailbox(), idleConnections: 0, flusher: nil, signer: nil) {
                replies += $0
            }
            engine.start([request])
            while replies.isEmpty { engine.turn() }
            engine.close()
        } catch {
            let failure = ExchangeFailure(kind: .local, message: error.description)
            return Reply(token: request.token, result: .failure(failure))
        }
        return replies[0]
    }

    /// - Returns: False when the courier is stopped; then nobody will read the command.
    private func post(_ command: Command) -> Bool {
        isStopped.withLock { isStopped in
            if !isStopped { mailbox.post(command) }
            return !isStopped
        }
    }

    private static func cancelled(_ request: Request) -> Reply {
        let failure = ExchangeFailure(kind: .cancelled, message: "stopped")
        return Reply(token: request.token, result: .failure(failure))
    }
}
