// An outbox in memory for intake: knows ids, answers as it is told, and says when it was asked.

import Mailbox
import Model
import Outbox

@testable import Dispatcher

/// Takes what intake appends.
final class FakeOutbox: Sendable {
    /// What to do with an append.
    enum Mood: Sendable {
        /// Store it and say so.
        case stores
        /// Refuse it.
        case fails(OutboxError)
        /// Store it, and answer only when told.
        case waits
    }

    private struct State {
        var mood = Mood.stores
        var known: [String: [UInt8]] = [:]
        var order: [String] = []
        var held: [@Sendable () -> Void] = []
    }

    private let state = Lock(State())
    /// A message for each call, with the ids it brought.
    let calls = Mailbox<[String]>()

    var mood: Mood {
        get { state.withLock { $0.mood } }
        set { state.withLock { $0.mood = newValue } }
    }

    /// Ids in the order in which they were stored.
    var stored: [String] { state.withLock { $0.order } }

    /// For intake.
    func append(
        _ arrivals: [Arrival], _ completion: @escaping @Sendable (Result<[Acceptance], OutboxError>) -> Void
    ) {
        let answer: (@Sendable () -> Void)? = state.withLock { state in
            if case .fails(let error) = state.mood { return { completion(.failure(error)) } }
            let acceptances = arrivals.map { FakeOutbox.take($0.event, &state) }
            let answer: @Sendable () -> Void = { completion(.success(acceptances)) }
            if case .waits = state.mood {
                state.held.append(answer)
                return nil
            }
            return answer
        }
        answer?()
        calls.post(arrivals.map(\.event.id))
    }

    /// Answers what waits.
    func answer() {
        let held = state.withLock { state in
            defer { state.held = [] }
            return state.held
        }
        for answer in held { answer() }
    }

    /// Waits for calls until `count` ids came; those that came.
    func wait(for count: Int) -> [String] {
        var ids: [String] = []
        while ids.count < count {
            let more = calls.wait(milliseconds: 20_000)
            if more.isEmpty { break }
            ids += more.flatMap { $0 }
        }
        return ids
    }

    private static func take(_ event: Event, _ state: inout State) -> Acceptance {
        if let known = state.known[event.id] { return known == event.body ? .duplicate : .conflict }
        state.known[event.id] = event.body
        state.order.append(event.id)
        return .accepted(sequence: Int64(state.order.count))
    }
}
