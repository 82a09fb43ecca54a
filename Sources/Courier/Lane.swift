// A libcurl multi handle of its own for each destination (or few): libcurl looks at every connection of a multi
// handle whenever a transfer ends, so 2,000 hung receivers would cost the live ones beside them half their rate.
// Failure: what libcurl refuses is told to the engine, which makes a reply of it.

import CCurl
import Glibc
import Model

/// One multi handle with its connections, its time-out and its spare handles.
/// https://curl.se/libcurl/c/curl_multi_socket_action.html
final class Lane {
    let multi: UnsafeMutableRawPointer
    unowned let engine: Engine
    /// When libcurl wants to be called next, in nanoseconds; nil: not before something happens.
    @exclusivity(unchecked) private(set) var timerAt: UInt64?
    /// libcurl was called since the last look for finished transfers.
    @exclusivity(unchecked) var isTouched = false
    @exclusivity(unchecked) private var activeCount = 0
    @exclusivity(unchecked) private var connectionLimit = 0
    @exclusivity(unchecked) private var idle: [Transfer] = []

    /// Handles kept for the next requests.
    private static let idleHandles = 128

    /// A lane of `engine`. nil when libcurl has no memory.
    init?(engine: Engine) {
        guard let multi = curl_multi_init() else { return nil }
        self.multi = multi
        self.engine = engine
        setCallbacks()
    }

    /// A transfer for a request: one that was used before, or a new one. nil when libcurl has no memory.
    func transfer() -> Transfer? {
        idle.popLast() ?? Transfer(lane: self)
    }

    /// Starts `transfer`.
    /// - Throws: `local`.
    func start(_ transfer: Transfer) throws(ExchangeFailure) {
        let code = curl_multi_add_handle(multi, transfer.easy)
        guard code == CURLM_OK else {
            throw ExchangeFailure(kind: .local, message: String(cString: curl_multi_strerror(code)))
        }
        activeCount += 1
        // libcurl counts connections in use against the limit too: hung receivers would push out the idle
        // connections of live ones.
        let limit = engine.idleConnections + activeCount
        if limit != connectionLimit {
            ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, limit)
            connectionLimit = limit
        }
    }

    /// Takes `transfer`, finished or not, out of libcurl's hands.
    func end(_ transfer: Transfer) {
        curl_multi_remove_handle(multi, transfer.easy)
        activeCount -= 1
    }

    /// Keeps `transfer`, whose reply has been given, for another request.
    func recycle(_ transfer: Transfer) {
        // libcurl counts its retries over a handle's life and gives up at the sixth.
        let isFresh = transfer.tries <= 1
        transfer.clear()
        if isFresh && idle.count < Lane.idleHandles { idle.append(transfer) }
    }

    /// Tells libcurl that `socket` is ready, or that time has passed.
    func act(_ socket: Int32, _ what: Int32) {
        // The timer rings once: libcurl does not call it off when what it was for ends in this very call.
        if socket == CURL_SOCKET_TIMEOUT { timerAt = nil }
        var running: Int32 = 0
        curl_multi_socket_action(multi, socket, what, &running)
        engine.touch(self)
    }

    /// The next finished transfer; nil when there is none.
    func nextFinished() -> (transfer: Transfer, code: CURLcode)? {
        var easy: UnsafeMutableRawPointer?
        var code = CURLE_OK
        while ccurl_multi_next_finished(multi, &easy, &code) {
            if let easy, let transfer = Lane.transfer(easy) { return (transfer, code) }
        }
        return nil
    }

    /// Closes all connections and handles. Nothing may be active.
    func close() {
        idle = []
        curl_multi_cleanup(multi)
    }

    private func setCallbacks() {
        let me = Unmanaged.passUnretained(self).toOpaque()
        ccurl_multi_set_socket_callback(
            multi,
            { easy, socket, what, me, _ in
                guard let me, let easy, let transfer = Lane.transfer(easy) else { return 0 }
                let lane = Unmanaged<Lane>.fromOpaque(me).takeUnretainedValue()
                lane.engine.watch(socket, what, transfer)
                return 0
            }, me)
        ccurl_multi_set_timer_callback(
            multi,
            { _, milliseconds, me in
                guard let me else { return 0 }
                let lane = Unmanaged<Lane>.fromOpaque(me).takeUnretainedValue()
                switch milliseconds {
                case ..<0: lane.timerAt = nil
                case 0: lane.timerAt = 0
                default: lane.timerAt = Engine.nanoseconds() + UInt64(milliseconds) * 1_000_000
                }
                return 0
            }, me)
    }

    /// The transfer that owns `easy`.
    private static func transfer(_ easy: UnsafeMutableRawPointer) -> Transfer? {
        guard let pointer = ccurl_get_pointer(easy, CURLINFO_PRIVATE) else { return nil }
        return Unmanaged<Transfer>.fromOpaque(pointer).takeUnretainedValue()
    }
}
