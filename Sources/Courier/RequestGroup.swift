// Requests of one sender that share a limit: what is over it waits here, ready to go, so that the next one starts
// in the moment one ends, without a way to another thread and back. A pure state machine: the engine starts what it
// says. Failure: after a reply that was no success nothing more is started until the sender has said how to go on.

import DequeModule
import Model

/// The requests of a group: how many are under way, and which ones wait.
struct RequestGroup {
    /// Most that may be under way.
    private(set) var limit = 0
    /// Under way.
    private(set) var active = 0
    /// Ready, in the order in which they came.
    private var waiting: Deque<Request> = []
    /// A reply was no success: the sender decides first.
    private var isHalted = false

    /// Takes a request.
    mutating func add(_ request: Request) {
        waiting.append(request)
    }

    /// The sender's word: `limit` may be under way from now on.
    mutating func allow(_ limit: Int) {
        self.limit = limit
        isHalted = false
    }

    /// The next request to start, counted as under way from here on; nil: none may.
    mutating func next() -> Request? {
        guard !isHalted, active < limit, let request = waiting.popFirst() else { return nil }
        active += 1
        return request
    }

    /// A request is over.
    mutating func ended(isSuccess: Bool) {
        active -= 1
        if !isSuccess { isHalted = true }
    }

    /// Takes out what waits.
    mutating func takeWaiting() -> [Request] {
        defer { waiting.removeAll() }
        return Array(waiting)
    }

    /// Takes out those that wait with one of `tokens`.
    mutating func takeWaiting(_ tokens: Set<UInt64>) -> [Request] {
        let taken = waiting.filter { tokens.contains($0.token) }
        if !taken.isEmpty { waiting.removeAll { tokens.contains($0.token) } }
        return Array(taken)
    }
}
