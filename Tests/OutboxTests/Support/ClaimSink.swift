// Where claims arrive, and signals from other threads: the test sleeps until there is something, never for a time.

import Mailbox
import Outbox

/// Collects what the outbox hands out.
final class ClaimSink: Sendable {
    private struct State {
        var claims: [Claim] = []
        var batches: [Int] = []
        var wanted = 0
        var waiter: CheckedContinuation<[Claim], any Error>?
    }
    private let state = Lock(State())

    /// Called by the outbox.
    func receive(_ claims: [Claim]) {
        let ready = state.withLock { state in
            state.claims += claims
            state.batches.append(claims.count)
            return Self.ready(&state)
        }
        if let (waiter, claims) = ready { waiter.resume(returning: claims) }
    }

    /// The next `count` claims, once they are there. Throws when the test's time is over.
    func next(_ count: Int) async throws -> [Claim] {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let ready = state.withLock { state in
                    state.waiter = continuation
                    state.wanted = count
                    return Self.ready(&state)
                }
                if let (waiter, claims) = ready { waiter.resume(returning: claims) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume(throwing: CancellationError())
        }
    }

    /// What has arrived and was not asked for.
    func takeAll() -> [Claim] {
        state.withLock { state in
            defer { state.claims = [] }
            return state.claims
        }
    }

    /// How many claims each call brought.
    var batches: [Int] { state.withLock { $0.batches } }

    private static func ready(_ state: inout State) -> (CheckedContinuation<[Claim], any Error>, [Claim])? {
        guard let waiter = state.waiter, state.claims.count >= state.wanted else { return nil }
        state.waiter = nil
        let claims = Array(state.claims.prefix(state.wanted))
        state.claims.removeFirst(state.wanted)
        return (waiter, claims)
    }
}

/// A value that another thread sends once.
final class Signal<Value: Sendable>: Sendable {
    private let state = Lock<(value: Value?, waiter: CheckedContinuation<Value, any Error>?)>((nil, nil))

    func send(_ value: Value) {
        let waiter = state.withLock { state in
            state.value = value
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: value)
    }

    /// The value, or nil if it has not been sent yet.
    var sent: Value? { state.withLock { $0.value } }

    /// The value, once it is sent. Throws when the test's time is over.
    func wait() async throws -> Value {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let value = state.withLock { state in
                    if state.value == nil { state.waiter = continuation }
                    return state.value
                }
                if let value { continuation.resume(returning: value) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume(throwing: CancellationError())
        }
    }
}
