// From the courier's replies to the outbox: what an attempt came to is recorded, and its queue learns from it.

import Model
import Outbox

extension DispatchLoop {
    /// Takes a reply to the exchange it belongs to.
    func receive(_ reply: Reply, _ now: Moment) {
        guard let delivery = inFlight[reply.token] else { return receive(batch: reply, now) }
        if !reply.isOfTwoHundreds { queues.halted(delivery.queue) }
        if case .failure(let failure) = reply.result, failure.kind == .cancelled {
            // Broken off by us; where a repeat may do harm, what was sent whole is for the operator.
            guard failure.requestSent, delivery.needsMark else {
                return giveBack(reply.token, delivery, now)
            }
        }
        perform(delivery.exchange.next(reply, now: now.wall), reply.token, delivery, now)
    }

    /// Ends an attempt with what it came to.
    func settle(
        _ token: UInt64, _ delivery: InFlight, _ conclusion: Conclusion, _ reply: Reply?, _ now: Moment
    ) {
        inFlight[token] = nil
        let finished = FinishedAttempt(
            claim: delivery.claim, conclusion: conclusion, reply: reply,
            concernsReceiver: delivery.exchange.concernsReceiver, startedAt: delivery.startedAt,
            triedFor: queues[delivery.queue]?.triedFor(delivery.claim, now: now.wall) ?? .milliseconds(0))
        apply(record(finished, queue: delivery.queue, delivery.settling, now), to: delivery, now)
    }

    /// Has what an attempt came to stored, and counts it.
    func record(
        _ finished: FinishedAttempt, queue number: PluginNumber, _ settling: Settling, _ now: Moment
    ) -> Settlement {
        let settlement = settling.settlement(of: finished, now: now.wall, random: randomness.next())
        records.append(settlement.record)
        figures[number, default: PluginFigures()].count(
            settlement, finished.reply, age: now.wall - finished.claim.acceptedAt)
        announceDeath(settlement, finished.claim, now.wall)
        return settlement
    }

    /// Tells of a delivery that was given up, and of a write-back that could not be made. One that carried such news
    /// is no news itself.
    private func announceDeath(_ settlement: Settlement, _ claim: Claim, _ now: Timestamp) {
        guard let reason = settlement.death, !Hook.isOwn(claim.eventType) else { return }
        let plugin = name(claim.delivery.plugin)
        let delivery = DeliveryName(eventID: claim.eventID, plugin: plugin, step: claim.delivery.step)
        notices.withLock { $0.died("\(delivery)", of: plugin, because: reason, now: now) }
    }

    private func apply(_ settlement: Settlement, to delivery: InFlight, _ now: Moment) {
        let number = delivery.queue
        touched.insert(number)
        // An answer to a request of an older configuration says nothing about the receiver of now.
        let isCurrent =
            delivery.builder.map { old in
                builders[number].map { $0 === old || $0.plugin.hasSameReceiver(as: old.plugin) } ?? false
            } ?? true
        guard isCurrent else {
            queues[number]?.finished(delivery.claim, nil, now: now, random: 0)
            return
        }
        queues[number]?.finished(
            delivery.claim, settlement.signal, now: now, random: randomness.next())
        if settlement.signal != nil || settlement.misconfigured != nil {
            queues[number]?.misconfigured = settlement.misconfigured
        }
        heed(settlement, of: number)
    }

    /// Pauses a queue, or has it wait, where the receiver said so.
    func heed(_ settlement: Settlement, of number: PluginNumber) {
        if let reason = settlement.pause { pause(number, reason) }
        if let moment = settlement.notBefore, queues[number]?.wait(until: moment) == true {
            store("Retry-After") { [outbox] () async throws(OutboxError) in
                try await outbox.setNotBefore(number, moment)
            }
        }
    }

    private func pause(_ number: PluginNumber, _ reason: String) {
        guard queues[number]?.pausedBecause == nil else { return }
        queues[number]?.pause(because: reason)
        log.warning("plugin paused", metadata: ["plugin": "\(name(number))", "reason": "\(reason)"])
        store("pause") { [outbox] () async throws(OutboxError) in
            try await outbox.pause(number, because: reason)
        }
    }

    /// A plugin's state is stored beside the deliveries' outcomes; if it cannot be, the receiver will say it again.
    private func store(
        _ what: String, _ operation: @escaping @Sendable () async throws(OutboxError) -> Void
    ) {
        let (log, last) = (log, lastStore)
        lastStore = Task {
            await last?.value
            do throws(OutboxError) {
                try await operation()
            } catch {
                log.error(
                    "cannot store a plugin's state", metadata: ["what": "\(what)", "error": "\(error)"])
            }
        }
    }
}

extension Reply {
    /// After any other reply the courier starts nothing more of the group by itself.
    fileprivate var isOfTwoHundreds: Bool {
        if case .answer(let answer) = result { (200...299).contains(answer.status) } else { false }
    }
}
