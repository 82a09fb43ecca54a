// From queues to the courier: what each touched queue permits is started, with a durable mark before the first byte
// where the operator wants to know about every request that may have been acted on.

import Courier
import Model
import Outbox

extension DispatchLoop {
    /// Starts what each touched queue permits and asks the outbox for more.
    func advance(_ now: Moment) {
        while !touched.isEmpty {
            let batch = touched
            touched.removeAll(keepingCapacity: true)
            for number in batch { advance(number, now) }
        }
    }

    private func advance(_ number: PluginNumber, _ now: Moment) {
        guard drained == nil else {
            setAlarm(number, nil)
            if let released = queues[number]?.recall(), !released.isEmpty { outbox.release(released) }
            return
        }
        takeBack(number)
        // Handed out against credit, so in slow start and within the rate.
        if queues[number]?.cameBack() == true { outbox.pullIn(queue: number, latest: now.wall) }
        if queues[number]?.isBatching == true {
            for batch in queues[number]?.startBatches(now) ?? [] { begin(batch: batch, number, now) }
        } else {
            for claim in queues[number]?.start(now) ?? [] { begin(claim, number, now) }
        }
        if let wanted = queues[number]?.creditWanted(now), wanted > 0 {
            outbox.addCredit(wanted, queue: number, order: queues[number]?.drain ?? .oldest)
        }
        tellCourier(number, now)
        setAlarm(number, queues[number]?.wakes(now))
    }

    /// Keeps the courier within the queue's window, and takes back what waits there for a queue that is closed.
    private func tellCourier(_ number: PluginNumber, _ now: Moment) {
        let limit = queues[number]?.reach(now).limit ?? 0
        guard number != .mwdb, queues.mustTell(limit, number) else { return }
        if limit > 0 {
            limits.append(GroupLimit(group: number.group, limit: limit))
        } else {
            recalls.append(number.group)
        }
    }

    /// Gives back what a closed queue has claimed.
    func takeBack(_ number: PluginNumber) {
        guard let closed = queues[number]?.takeBack() else { return }
        if closed.withdraw { outbox.withdrawCredit(queue: number) }
        if !closed.released.isEmpty { outbox.release(closed.released) }
    }

    private func begin(_ claim: Claim, _ number: PluginNumber, _ now: Moment) {
        lastToken += 1
        let token = lastToken
        let delivery: InFlight
        if claim.delivery.step > 0 {
            let exchange = WriteBackExchange(
                claim: claim, plugin: builders[claim.delivery.plugin]?.plugin, mwdb: mwdb,
                redaction: redaction, runningSince: startedAt)
            delivery = InFlight(
                queue: number, claim: claim, builder: nil, settling: writeBackSettling, startedAt: now.wall,
                exchange: exchange)
        } else if let builder = builders[number], let settling = settlings[number] {
            let exchange = ReceiverExchange(claim: claim, builder: builder, samples: samples)
            delivery = InFlight(
                queue: number, claim: claim, builder: builder, settling: settling, startedAt: now.wall,
                exchange: exchange)
        } else {
            // An open queue has a plugin and so a builder; should it not, nothing is lost.
            queues[number]?.finished(claim, nil, now: now, random: 0)
            return outbox.release([claim.delivery])
        }
        var step = delivery.exchange.begin(token: token, now: now.wall)
        // The courier keeps within the window. What comes after a mark, a fetch or the signing of a sample is in flight
        // already: it is sent.
        if case .send(var request) = step, request.signing == nil, delivery.exchange.concernsReceiver,
            !delivery.needsMark
        {
            request.group = number.group
            step = .send(request)
        }
        inFlight[token] = delivery
        perform(step, token, delivery, now)
    }

    /// Does what an exchange wants next.
    func perform(_ step: ExchangeStep, _ token: UInt64, _ delivery: InFlight, _ now: Moment) {
        switch step {
        case .finished(let conclusion, let reply): settle(token, delivery, conclusion, reply, now)
        case .send(let request):
            if isAborting {
                giveBack(token, delivery, now)
            } else if delivery.needsMark {
                delivery.marked = request
                marks.append((token, delivery.claim.delivery))
            } else {
                sends.append(request)
            }
        }
    }

    /// Hands over what this round brought.
    func handOver() {
        if isAborting { takeBackSends() }
        if !sends.isEmpty || !limits.isEmpty {
            courier.send(sends, limits: limits)
            sends.removeAll(keepingCapacity: true)
            limits.removeAll(keepingCapacity: true)
        }
        if !recalls.isEmpty {
            courier.recall(recalls)
            recalls.removeAll()
        }
        if !records.isEmpty {
            outbox.record(records)
            records.removeAll(keepingCapacity: true)
        }
        if !marks.isEmpty { mark() }
    }

    private func takeBackSends() {
        let now = clock.moment
        for request in sends {
            if let delivery = inFlight[request.token] { giveBack(request.token, delivery, now) }
            giveBack(batch: request.token, now)
        }
        sends.removeAll()
    }

    private func mark() {
        let tokens = marks.map(\.token)
        let mailbox = mailbox
        outbox.markStarted(marks.map(\.delivery)) { result in
            let isStored = if case .success = result { true } else { false }
            mailbox.post(.marked(tokens, isStored: isStored))
        }
        marks.removeAll(keepingCapacity: true)
    }

    /// Sends what was marked; what could not be marked is given back.
    func afterMarking(_ tokens: [UInt64], isStored: Bool, _ now: Moment) {
        for token in tokens {
            guard let delivery = inFlight[token], let request = delivery.marked else {
                afterMarking(batch: token, isStored: isStored, now)
                continue
            }
            delivery.marked = nil
            if isStored && drained == nil {
                sends.append(request)
            } else {
                giveBack(token, delivery, now)
            }
        }
    }

    /// Ends an attempt that was not made.
    func giveBack(_ token: UInt64, _ delivery: InFlight, _ now: Moment) {
        inFlight[token] = nil
        queues[delivery.queue]?.finished(delivery.claim, nil, now: now, random: 0)
        touched.insert(delivery.queue)
        outbox.release([delivery.claim.delivery])
    }
}

extension PluginNumber {
    /// The queue's requests as a group of the courier's; 0, no group, for write-backs.
    var group: Int { Int(rawValue) }
}
