// Several deliveries in one request: sent together, settled each for itself. What an answer says of all is recorded for
// each; a batch that is refused as a whole is tried in halves at once, which counts as no attempt of its deliveries.
// Failure: nothing here is durable; after a crash each delivery is pending by itself.

import Model
import Outbox

extension DispatchLoop {
    /// Starts a batch of `number`'s queue.
    func begin(batch claims: [Claim], _ number: PluginNumber, _ now: Moment) {
        guard let builder = builders[number] else {
            // An open queue has a plugin and so a builder; should it not, nothing is lost.
            queues[number]?.finished(claims, nil, now: now, random: 0)
            return outbox.release(claims.map(\.delivery))
        }
        lastToken += 1
        let token = lastToken
        let made = builder.batch(token: token, events: claims.map(\.event), now: now.wall)
        for (index, failure) in made.failures {
            settleUnsent(claims[index], number, builder, failure, now)
        }
        guard let request = made.request else {
            queues[number]?.finished(claims, nil, now: now, random: 0)
            touched.insert(number)
            return
        }
        // What cannot be sent is settled, but its bytes leave the queue with the others'.
        batches[token] = BatchInFlight(
            queue: number, claims: made.members.map { claims[$0] }, builder: builder, startedAt: now.wall)
        batchBytes[token] = claims.reduce(0) { $0 + $1.body.count }
        guard !isAborting else { return giveBack(batch: token, now) }
        guard builder.plugin.onAmbiguous == .hold else { return sends.append(request) }
        batches[token]?.marked = request
        for index in made.members { marks.append((token, claims[index].delivery)) }
    }

    /// Takes a reply to the batch it belongs to.
    func receive(batch reply: Reply, _ now: Moment) {
        guard let batch = batches[reply.token] else { return }
        if case .failure(let failure) = reply.result, failure.kind == .cancelled {
            guard failure.requestSent, batch.needsMark else { return giveBack(batch: reply.token, now) }
        }
        let plugin = batch.builder.plugin
        switch BatchVerdict.judge(
            reply: reply.result, count: batch.claims.count, plugin: plugin,
            redaction: batch.builder.redaction, now: now.wall)
        {
        case .all(let verdict):
            let settlements = batch.claims.map { settlement($0, of: batch, verdict, reply, now) }
            end(reply.token, batch, settlements, settlements.first?.signal, now)
        case .each(let items):
            let settlements = zip(batch.claims, items).map { claim, item in
                var own = reply
                own.result = .answer(item.answer)
                return settlement(claim, of: batch, item.verdict, own, now)
            }
            // The request was accepted; where its receiver had no room for some of it, that is what matters.
            let isCongested = settlements.contains { $0.signal == .congested }
            let accepted = ConcurrencyWindow.Signal.success(
                latency: .milliseconds(reply.timings.total / 1000))
            end(reply.token, batch, settlements, isCongested ? .congested : accepted, now)
        case .split(let reason):
            split(reply.token, batch, reason, now)
        }
    }

    /// Sends a batch whose deliveries are marked; one that could not be is given back.
    func afterMarking(batch token: UInt64, isStored: Bool, _ now: Moment) {
        guard let request = batches[token]?.marked else { return }
        batches[token]?.marked = nil
        if isStored && drained == nil {
            sends.append(request)
        } else {
            giveBack(batch: token, now)
        }
    }

    /// Ends a request that was not made.
    func giveBack(batch token: UInt64, _ now: Moment) {
        guard let batch = batches.removeValue(forKey: token) else { return }
        leave(token, batch, nil, now)
        outbox.release(batch.claims.map(\.delivery))
    }

    private func split(_ token: UInt64, _ batch: BatchInFlight, _ reason: String, _ now: Moment) {
        batches[token] = nil
        let bytes = batchBytes.removeValue(forKey: token) ?? 0
        touched.insert(batch.queue)
        log.debug(
            "a batch was refused as a whole and is tried in halves",
            metadata: [
                "plugin": "\(name(batch.queue))", "deliveries": "\(batch.claims.count)",
                "reason": "\(redaction.redact(reason))",
            ])
        queues[batch.queue]?.finished(
            bytes: bytes, isCurrent(batch) ? .neutral : nil, now: now, random: randomness.next())
        queues[batch.queue]?.retryInHalves(batch.claims)
    }

    private func end(
        _ token: UInt64, _ batch: BatchInFlight, _ settlements: [Settlement],
        _ signal: ConcurrencyWindow.Signal?, _ now: Moment
    ) {
        batches[token] = nil
        let isCurrent = isCurrent(batch)
        leave(token, batch, isCurrent ? signal : nil, now)
        guard isCurrent else { return }
        if signal != nil {
            queues[batch.queue]?.misconfigured = settlements.lazy.compactMap(\.misconfigured).first
        }
        for settlement in settlements { heed(settlement, of: batch.queue) }
    }

    private func leave(
        _ token: UInt64, _ batch: BatchInFlight, _ signal: ConcurrencyWindow.Signal?, _ now: Moment
    ) {
        let bytes = batchBytes.removeValue(forKey: token) ?? 0
        queues[batch.queue]?.finished(bytes: bytes, signal, now: now, random: randomness.next())
        touched.insert(batch.queue)
    }

    /// An answer to a request of an older configuration says nothing about the receiver of now.
    private func isCurrent(_ batch: BatchInFlight) -> Bool {
        builders[batch.queue].map {
            $0 === batch.builder || $0.plugin.hasSameReceiver(as: batch.builder.plugin)
        }
            ?? false
    }

    private func settlement(
        _ claim: Claim, of batch: BatchInFlight, _ verdict: Verdict, _ reply: Reply, _ now: Moment
    ) -> Settlement {
        record(
            FinishedAttempt(
                claim: claim, conclusion: .judged(verdict), reply: reply, concernsReceiver: true,
                startedAt: batch.startedAt,
                triedFor: queues[batch.queue]?.triedFor(claim, now: now.wall) ?? .milliseconds(0)),
            queue: batch.queue, settling(batch.builder, batch.queue), now)
    }

    /// The rules by which what `builder` made is settled.
    private func settling(_ builder: RequestBuilder, _ number: PluginNumber) -> Settling {
        if builders[number] === builder, let settling = settlings[number] { return settling }
        return Settling(plugin: builder.plugin, mwdb: mwdb, redaction: redaction)
    }

    /// Settles a delivery that cannot even be put into a request.
    private func settleUnsent(
        _ claim: Claim, _ number: PluginNumber, _ builder: RequestBuilder, _ failure: RequestBuilder.Failure,
        _ now: Moment
    ) {
        _ = record(
            FinishedAttempt(
                claim: claim, conclusion: .dead(failure.reason), reply: nil, concernsReceiver: true,
                startedAt: now.wall, triedFor: .milliseconds(0)),
            queue: number, settling(builder, number), now)
    }
}
