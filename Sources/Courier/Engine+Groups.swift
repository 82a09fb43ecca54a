// Requests that wait in the engine for others of their group to end.
// Failure: what is taken back or cancelled while it waits gets its reply like any other, as not sent.

import Model

extension Engine {
    /// Takes `request` into its group; it starts at once if the group's limit allows.
    func join(_ request: Request) {
        reserveGroup(request.group)
        groups[request.group].add(request)
    }

    /// Sets how many requests of a group may be under way.
    func allow(_ limit: Int, in group: Int) {
        reserveGroup(group)
        groups[group].allow(limit)
        startWaiting(group)
    }

    /// Counts the end of a request and starts the next of its group.
    func left(_ group: Int, _ result: ReplyResult) {
        groups[group].ended(isSuccess: result.isSuccess)
        startWaiting(group)
    }

    /// Starts what the group's limit allows.
    func startWaiting(_ group: Int) {
        while let request = groups[group].next() { begin(request) }
    }

    /// Gives back what waits in `numbers`.
    func recall(_ numbers: [Int]) {
        for group in numbers where groups.indices.contains(group) {
            giveBack(groups[group].takeWaiting(), "taken back")
        }
    }

    /// Gives back what waits of `tokens`.
    func cancelWaiting(_ tokens: Set<UInt64>) {
        for group in groups.indices { giveBack(groups[group].takeWaiting(tokens), "cancelled") }
    }

    private func giveBack(_ requests: [Request], _ message: String) {
        for request in requests {
            let failure = ExchangeFailure(kind: .cancelled, message: message)
            finished.append(Reply(token: request.token, result: .failure(failure)))
        }
    }

    private func reserveGroup(_ group: Int) {
        let missing = group + 1 - groups.count
        if missing > 0 { groups += [RequestGroup](repeating: RequestGroup(), count: missing) }
    }
}

extension ReplyResult {
    /// An answer of 200 to 299: the receiver is there and well.
    fileprivate var isSuccess: Bool {
        if case .answer(let answer) = self { (200...299).contains(answer.status) } else { false }
    }
}
