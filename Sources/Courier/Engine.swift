// The courier's loop: one epoll, one thread, libcurl. Starts transfers, lets libcurl work on the sockets that
// are ready, collects what is finished and hands the replies on, once a round.
// Failure: every request taken gets exactly one reply, whatever happens; the loop itself cannot fail.

import CCurl
import CLinux
import Glibc
import Mailbox
import Model

/// All transfers of a courier. Made by one thread, from then on touched by another one only.
final class Engine: @unchecked Sendable {
    let epoll: Int32
    let mailbox: Mailbox<Command>
    /// Most connections kept open in a lane beside those in use.
    let idleConnections: Int
    private let onReplies: ([Reply]) -> Void
    private let flusher: Flusher?
    let signer: Signer?
    /// Tokens of the requests that are being signed.
    @exclusivity(unchecked) var unsigned: Set<UInt64> = []

    /// One entry for each descriptor number, see `Engine+Sockets`.
    @exclusivity(unchecked) var sockets: [SocketWatch] = []
    // See `Engine+Lanes`.
    @exclusivity(unchecked) var lanes = [Lane?](repeating: nil, count: Engine.laneCount)
    @exclusivity(unchecked) var openLanes: [Lane] = []
    @exclusivity(unchecked) var lastURL = ""
    @exclusivity(unchecked) var lastLane: Lane?

    @exclusivity(unchecked) private var touched: [Lane] = []
    @exclusivity(unchecked) private var active: [Transfer] = []
    /// Replies to be handed on.
    @exclusivity(unchecked) var finished: [Reply] = []
    /// See `Engine+Groups`.
    @exclusivity(unchecked) var groups: [RequestGroup] = []
    /// When the first of `finished` came, in nanoseconds.
    @exclusivity(unchecked) private var finishedSince: UInt64 = 0
    /// To be called once what they wait for has been handed on.
    @exclusivity(unchecked) private var completions: [@Sendable () -> Void] = []
    /// The monotonic clock at the beginning of this round, in nanoseconds.
    @exclusivity(unchecked) private var roundAt: UInt64 = 0
    @exclusivity(unchecked) private var events: [epoll_event]
    @exclusivity(unchecked) private var nextStallCheck = Int64.max
    private var isStopping = false

    /// An engine that reads commands from `mailbox` and calls `onReplies` on its own thread.
    /// - Parameters:
    ///   - flusher: flushes fetched files; nil: it is done in the loop.
    ///   - signer: signs bodies that have to be read first; nil: it is done in the loop.
    /// - Throws: `CourierError` when the system refuses.
    init(
        mailbox: Mailbox<Command>, idleConnections: Int, flusher: Flusher?, signer: Signer?,
        onReplies: @escaping ([Reply]) -> Void
    ) throws(CourierError) {
        let made = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard made >= 0 else { throw CourierError.system("epoll_create1", errno) }
        epoll = made
        self.mailbox = mailbox
        self.idleConnections = idleConnections
        self.flusher = flusher
        self.signer = signer
        self.onReplies = onReplies
        events = [epoll_event](repeating: epoll_event(), count: 256)
        roundAt = Engine.nanoseconds()
        register(mailbox.descriptor)
    }

    /// Works until told to stop; then aborts what is left.
    func run() {
        while !isStopping { turn() }
        abortAll()
    }

    /// Replies are handed on together when there are so many …
    private static let replyBatch = 32
    /// … or the first is so old, in nanoseconds, or nothing else is to be done.
    private static let replyPatience: UInt64 = 1_000_000

    /// One round: sleeps until something happens, and deals with it.
    func turn() {
        let isQuiet = !waitForEvents()
        roundAt = Engine.nanoseconds()
        // What is over makes room for the next, which libcurl wants to begin with at once.
        for _ in 0..<2 where actOnTime() { collect() }
        collect()
        checkStalls(now: Int64(roundAt / 1_000_000))
        deliver(isQuiet: isQuiet)
    }

    /// Lets libcurl do what is due.
    /// - Returns: There was something.
    private func actOnTime() -> Bool {
        var isAnyDue = false
        for lane in openLanes {
            guard let timerAt = lane.timerAt, timerAt <= roundAt else { continue }
            lane.act(CURL_SOCKET_TIMEOUT, 0)
            isAnyDue = true
        }
        return isAnyDue
    }

    /// Starts a transfer for each of `requests`; those of a group may have to wait.
    func start(_ requests: [Request], limits: [GroupLimit] = []) {
        for limit in limits { allow(limit.limit, in: limit.group) }
        for request in requests {
            if request.signing != nil {
                sign(request)
            } else if request.group == 0 {
                begin(request)
            } else {
                join(request)
                startWaiting(request.group)
            }
        }
    }

    /// Starts a transfer for `request`, whose group permits it.
    func begin(_ request: Request) {
        do throws(ExchangeFailure) {
            try start(request, now: Int64(roundAt / 1_000_000))
        } catch {
            fail(request.token, error)
            if request.group != 0 { left(request.group, .failure(error)) }
        }
    }

    /// Has `lane` looked through for finished transfers before the next sleep.
    func touch(_ lane: Lane) {
        if lane.isTouched { return }
        lane.isTouched = true
        touched.append(lane)
    }

    /// Ends: closes all connections and handles. Nothing may be active.
    func close() {
        for lane in openLanes { lane.close() }
        sockets = []
        Glibc.close(epoll)
    }

    private func start(_ request: Request, now: Int64) throws(ExchangeFailure) {
        guard let lane = lane(for: request.url), let transfer = lane.transfer() else {
            throw ExchangeFailure(kind: .local, message: "libcurl has no memory")
        }
        // When this throws, the handle's settings are half changed: it is not used again.
        try transfer.prepare(request)
        try lane.start(transfer)
        transfer.position = active.count
        active.append(transfer)
        transfer.progressAt = now
        transfer.checkAt = now + Transfer.checkInterval(request.transport.stallTimeout)
        nextStallCheck = min(nextStallCheck, transfer.checkAt)
    }

    /// - Returns: Something happened.
    private func waitForEvents() -> Bool {
        let count = epoll_wait(epoll, &events, Int32(events.count), sleepLength())
        guard count > 0 else { return false }
        var hasMail = false
        for index in 0..<Int(count) {
            let event = events[index]
            if event.data.fd == mailbox.descriptor {
                hasMail = true
            } else {
                act(event)
            }
        }
        if hasMail {
            roundAt = Engine.nanoseconds()
            for command in mailbox.take() { perform(command) }
        }
        return true
    }

    /// Milliseconds to sleep; -1: until something happens.
    private func sleepLength() -> Int32 {
        if !finished.isEmpty { return 0 }
        var wake = nextStallCheck == Int64.max ? UInt64.max : UInt64(nextStallCheck) * 1_000_000
        for lane in openLanes { wake = min(wake, lane.timerAt ?? UInt64.max) }
        if wake == UInt64.max { return -1 }
        let now = Engine.nanoseconds()
        return wake <= now ? 0 : Int32(clamping: (wake - now + 999_999) / 1_000_000)
    }

    private func perform(_ command: Command) {
        switch command {
        case .send(let requests, let limits): start(requests, limits: limits)
        case .recall(let groups, let completion):
            recall(groups)
            completions.append(completion)
        case .cancel(let tokens): cancel(Set(tokens))
        case .flushed(let reply): finished.append(reply)
        case .signed(let token, let result): signed(token, result)
        case .stop: isStopping = true
        }
    }

    private func cancel(_ tokens: Set<UInt64>) {
        cancelWaiting(tokens)
        for transfer in active where tokens.contains(transfer.request.token) {
            abort(transfer, ExchangeFailure(kind: .cancelled, message: "cancelled"))
        }
        for token in tokens where unsigned.remove(token) != nil {
            fail(token, ExchangeFailure(kind: .cancelled, message: "cancelled"))
        }
    }

    private func abort(_ transfer: Transfer, _ failure: ExchangeFailure) {
        transfer.abort = .failed(failure)
        finish(transfer, CURLE_ABORTED_BY_CALLBACK)
    }

    private func abortAll() {
        recall(Array(groups.indices))
        let failure = ExchangeFailure(kind: .cancelled, message: "stopped")
        for transfer in active { abort(transfer, failure) }
        for token in unsigned { fail(token, failure) }
        signer?.stop()
        flusher?.stop()
        for case .flushed(let reply) in mailbox.take() { finished.append(reply) }
        deliver(isQuiet: true)
        close()
    }

    /// Takes what libcurl has finished. Transfers can finish in any call to libcurl, so this comes before
    /// every sleep.
    private func collect() {
        for lane in touched {
            while let (transfer, code) = lane.nextFinished() { finish(transfer, code) }
            lane.isTouched = false
        }
        touched.removeAll(keepingCapacity: true)
    }

    private func finish(_ transfer: Transfer, _ code: CURLcode) {
        let reply = transfer.reply(code)
        transfer.lane.end(transfer)
        remove(transfer)
        if let file = transfer.file, case .answer = reply.result {
            if let flusher {
                flusher.flush(file, then: reply)
            } else {
                finished.append(Flusher.complete(file, reply))
            }
        } else {
            finished.append(reply)
        }
        let group = transfer.request.group
        transfer.lane.recycle(transfer)
        if group != 0 { left(group, reply.result) }
    }

    private func remove(_ transfer: Transfer) {
        let last = active.removeLast()
        if last !== transfer {
            active[transfer.position] = last
            last.position = transfer.position
        }
        transfer.position = -1
    }

    private func checkStalls(now: Int64) {
        guard now >= nextStallCheck else { return }
        var next = Int64.max
        var stalled: [Transfer] = []
        for transfer in active {
            if transfer.checkAt <= now && transfer.isStalled(now: now) { stalled.append(transfer) }
            next = min(next, transfer.checkAt)
        }
        nextStallCheck = next
        for transfer in stalled {
            let limit = transfer.request.transport.stallTimeout.milliseconds
            abort(transfer, ExchangeFailure(kind: .timeout, message: "no byte moved for \(limit) ms"))
        }
    }

    /// Hands replies on, when there are enough of them or nothing else is to be done.
    private func deliver(isQuiet: Bool) {
        if !finished.isEmpty {
            if finishedSince == 0 { finishedSince = roundAt }
            guard
                isQuiet || finished.count >= Engine.replyBatch || !completions.isEmpty
                    || roundAt - finishedSince >= Engine.replyPatience
            else { return }
            finishedSince = 0
            let batch = finished
            finished = []
            finished.reserveCapacity(2 * Engine.replyBatch)
            onReplies(batch)
        }
        guard !completions.isEmpty else { return }
        for completion in completions { completion() }
        completions.removeAll()
    }
}

extension Engine {
    /// The monotonic clock.
    static func nanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// The monotonic clock, rounded down.
    static func milliseconds() -> Int64 {
        Int64(nanoseconds() / 1_000_000)
    }
}
