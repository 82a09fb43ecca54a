// The courier's loop: one multi handle, one epoll, one thread. Starts transfers, lets libcurl work on the
// sockets that are ready, collects what is finished and hands the replies on, once a round.
// Failure: every request taken gets exactly one reply, whatever happens; the loop itself cannot fail.

import CCurl
import CLinux
import Glibc
import Mailbox
import Model

/// One libcurl multi handle and its transfers. Made by one thread, from then on touched by another one only.
/// https://curl.se/libcurl/c/curl_multi_socket_action.html
final class Engine: @unchecked Sendable {
    let multi: UnsafeMutableRawPointer
    let epoll: Int32
    let mailbox: Mailbox<Command>
    private let onReplies: ([Reply]) -> Void
    private let flusher: Flusher?
    private let idleConnections: Int

    /// One entry for each descriptor number, see `Engine+Sockets`.
    var sockets: [SocketWatch] = []
    /// When libcurl wants to be called next, in nanoseconds; nil: not before something happens.
    var timerAt: UInt64?

    private var active: [Transfer] = []
    private var idle: [Transfer] = []
    private var finished: [Reply] = []
    private var events: [epoll_event]
    private var connectionLimit = 0
    private var nextStallCheck = Int64.max
    private var isStopping = false

    /// Handles kept for the next requests.
    private static let idleHandles = 256

    /// An engine that reads commands from `mailbox` and calls `onReplies` on its own thread.
    /// - Parameter flusher: flushes fetched files; nil: it is done in the loop.
    /// - Throws: `CourierError` when the system or libcurl refuses.
    init(
        mailbox: Mailbox<Command>, idleConnections: Int, flusher: Flusher?,
        onReplies: @escaping ([Reply]) -> Void
    ) throws(CourierError) {
        guard let multi = curl_multi_init() else { throw CourierError("libcurl has no memory") }
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard epoll >= 0 else {
            curl_multi_cleanup(multi)
            throw CourierError.system("epoll_create1", errno)
        }
        self.multi = multi
        self.mailbox = mailbox
        self.idleConnections = idleConnections
        self.flusher = flusher
        self.onReplies = onReplies
        events = [epoll_event](repeating: epoll_event(), count: 256)
        setCallbacks()
        register(mailbox.descriptor)
    }

    /// Works until told to stop; then aborts what is left.
    func run() {
        while !isStopping { turn() }
        abortAll()
    }

    /// One round: sleeps until something happens, and deals with it.
    func turn() {
        waitForEvents()
        if let timerAt, timerAt <= Engine.nanoseconds() { act(CURL_SOCKET_TIMEOUT, 0) }
        collect()
        checkStalls()
        deliver()
    }

    /// Starts a transfer for each of `requests`.
    func start(_ requests: [Request]) {
        let now = Engine.milliseconds()
        for request in requests { start(request, now: now) }
        adjustConnectionLimit()
    }

    /// Ends: closes all connections and handles. Nothing may be active.
    func close() {
        idle = []
        curl_multi_cleanup(multi)
        sockets = []
        Glibc.close(epoll)
    }

    private func start(_ request: Request, now: Int64) {
        guard let transfer = idle.popLast() ?? Transfer(engine: self) else {
            return fail(request, ExchangeFailure(kind: .local, message: "libcurl has no memory"))
        }
        do throws(ExchangeFailure) {
            try transfer.prepare(request)
        } catch {
            // The handle's settings are half changed: it is not used again.
            return fail(request, error)
        }
        let code = curl_multi_add_handle(multi, transfer.easy)
        guard code == CURLM_OK else {
            let words = String(cString: curl_multi_strerror(code))
            return fail(request, ExchangeFailure(kind: .local, message: words))
        }
        transfer.position = active.count
        active.append(transfer)
        transfer.progressAt = now
        transfer.checkAt = now + Transfer.checkInterval(request.transport.stallTimeout)
        nextStallCheck = min(nextStallCheck, transfer.checkAt)
    }

    private func fail(_ request: Request, _ failure: ExchangeFailure) {
        finished.append(Reply(token: request.token, result: .failure(failure)))
    }

    // libcurl counts connections in use against the limit too: hung receivers would push out the idle
    // connections of live ones.
    private func adjustConnectionLimit() {
        let limit = idleConnections + active.count
        if limit == connectionLimit { return }
        ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, limit)
        connectionLimit = limit
    }

    private func waitForEvents() {
        let count = epoll_wait(epoll, &events, Int32(events.count), sleepLength())
        guard count > 0 else { return }
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
            for command in mailbox.take() { perform(command) }
        }
    }

    /// Milliseconds to sleep; -1: until something happens.
    private func sleepLength() -> Int32 {
        if !finished.isEmpty { return 0 }
        var wait = Int64.max
        if let timerAt {
            let now = Engine.nanoseconds()
            wait = timerAt <= now ? 0 : Int64((timerAt - now + 999_999) / 1_000_000)
        }
        if nextStallCheck != Int64.max { wait = min(wait, max(0, nextStallCheck - Engine.milliseconds())) }
        return wait == Int64.max ? -1 : Int32(clamping: wait)
    }

    private func perform(_ command: Command) {
        switch command {
        case .send(let requests): start(requests)
        case .cancel(let tokens): cancel(Set(tokens))
        case .flushed(let reply): finished.append(reply)
        case .stop: isStopping = true
        }
    }

    private func cancel(_ tokens: Set<UInt64>) {
        for transfer in active where tokens.contains(transfer.request.token) {
            abort(transfer, ExchangeFailure(kind: .cancelled, message: "cancelled"))
        }
    }

    private func abort(_ transfer: Transfer, _ failure: ExchangeFailure) {
        transfer.abort = .failed(failure)
        finish(transfer, CURLE_ABORTED_BY_CALLBACK)
    }

    private func abortAll() {
        for transfer in active { abort(transfer, ExchangeFailure(kind: .cancelled, message: "stopped")) }
        flusher?.stop()
        for case .flushed(let reply) in mailbox.take() { finished.append(reply) }
        deliver()
        close()
    }

    /// Takes what libcurl has finished. Transfers can finish in any call to libcurl, so this comes before
    /// every sleep.
    private func collect() {
        var easy: UnsafeMutableRawPointer?
        var code = CURLE_OK
        while ccurl_multi_next_finished(multi, &easy, &code) {
            guard let easy, let transfer = transfer(easy) else { continue }
            finish(transfer, code)
        }
    }

    private func finish(_ transfer: Transfer, _ code: CURLcode) {
        let reply = transfer.reply(code)
        curl_multi_remove_handle(multi, transfer.easy)
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
        // libcurl counts its retries over a handle's life and gives up at the sixth.
        let isFresh = transfer.tries <= 1
        transfer.clear()
        if isFresh && idle.count < Engine.idleHandles { idle.append(transfer) }
    }

    private func remove(_ transfer: Transfer) {
        let last = active.removeLast()
        if last !== transfer {
            active[transfer.position] = last
            last.position = transfer.position
        }
        transfer.position = -1
    }

    private func checkStalls() {
        guard nextStallCheck != Int64.max else { return }
        let now = Engine.milliseconds()
        guard now >= nextStallCheck else { return }
        var next = Int64.max
        var stalled: [Transfer] = []
        for transfer in active {
            if transfer.checkAt <= now && transfer.isStalled(now: now) { stalled.append(transfer) }
            next = min(next, transfer.checkAt)
        }
        nextStallCheck = next
        for transfer in stalled {
            let seconds = transfer.request.transport.stallTimeout.milliseconds
            abort(
                transfer, ExchangeFailure(kind: .timeout, message: "no byte moved for \(seconds) ms"))
        }
        adjustConnectionLimit()
    }

    private func deliver() {
        guard !finished.isEmpty else { return }
        let batch = finished
        finished = []
        finished.reserveCapacity(64)
        onReplies(batch)
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
