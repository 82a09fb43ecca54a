// Asks MWDB's API on behalf of a job: requests over a courier of its own, so that a slow MWDB delays no delivery.
// Failure: an answer that is none is sorted into what time mends and what an operator has to.

import Courier
import Mailbox
import Model
import Settings

/// MWDB's API.
final class MWDBClient: Sendable {
    /// Largest answer: a blob or a configuration.
    private static let largestAnswer = 64 << 20

    private let courier: Courier
    private let waiting: Waiting

    private struct Calls {
        var last: UInt64 = 0
        var open: [UInt64: CheckedContinuation<Reply, Never>] = [:]
    }

    private typealias Waiting = Lock<Calls>

    /// Why there is no answer.
    enum Problem: Error, Equatable {
        /// Try again later.
        case passing(String)
        /// Somebody has to mend it.
        case lasting(String)
        /// MWDB does not have it, or the account may not see it.
        case notFound
    }

    /// Starts its thread.
    /// - Throws: `CourierError`.
    init() throws(CourierError) {
        let waiting = Waiting(Calls())
        self.waiting = waiting
        courier = try Courier(name: "mwdb-client", idleConnections: 8) { replies in
            for reply in replies {
                waiting.withLock { $0.open.removeValue(forKey: reply.token) }?.resume(returning: reply)
            }
        }
    }

    /// Ends its thread; calls that wait are answered.
    func stop() { courier.stop() }

    /// GETs `path` below MWDB's `/api`.
    func get(_ path: String, _ mwdb: MWDBSettings?) async throws(Problem) -> JSON {
        guard let mwdb, let key = mwdb.apiKey else {
            throw .lasting("a backfill needs [mwdb] url and api_key; set them, then reload")
        }
        let token = waiting.withLock { calls in
            calls.last += 1
            return calls.last
        }
        let request = Request(
            token: token, method: "GET", url: mwdb.url + "/api" + path, headers: mwdbHeaders(key: key),
            answer: .memory(limit: Self.largestAnswer), transport: mwdbTransport())
        return try Self.read(await exchange(request))
    }

    /// Whoever is cancelled does not wait for a slow MWDB.
    private func exchange(_ request: Request) async -> Reply {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                waiting.withLock { $0.open[request.token] = continuation }
                courier.send([request])
                // Cancelled before there was something to cancel.
                if Task.isCancelled { courier.cancel([request.token]) }
            }
        } onCancel: {
            courier.cancel([request.token])
        }
    }

    /// What a reply means.
    static func read(_ reply: Reply) throws(Problem) -> JSON {
        guard case .answer(let answer) = reply.result else {
            guard case .failure(let failure) = reply.result else { throw .passing("no answer") }
            throw .passing("MWDB cannot be reached: \(failure.message)")
        }
        let tree = try? JSON.parse(answer.body)
        // MWDB does not repeat the key; whoever shows the words redacts them.
        let said = tree?["message"]?.text.map { ": " + Excerpt.of(Array($0.utf8), redaction: .none) } ?? ""
        switch answer.status {
        case 200:
            guard let tree, !answer.truncated else {
                throw .passing("MWDB's answer is incomplete or no JSON")
            }
            return tree
        case 404: throw .notFound
        case 400: throw .lasting("MWDB does not understand the search\(said)")
        case 401, 403:
            throw .lasting(
                "MWDB answered \(answer.status)\(said): is the api_key right, and its account enabled?")
        default: throw .passing("MWDB answered \(answer.status)\(said)")
        }
    }
}
