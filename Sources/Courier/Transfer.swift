// One exchange in progress: a libcurl easy handle and all that its callbacks touch. Used again for request
// after request; what does not change from one to the next is not set again.
// Failure: callbacks cannot throw; they leave the reason in `abort` and tell libcurl to stop.

import CCurl
import Glibc
import Model

/// An easy handle with its request and its answer so far.
///
/// Touched by the engine's thread only, and never by two callers at once, since libcurl's callbacks come one
/// after the other: the check for exclusive access at run time is left out where it would cost most.
final class Transfer {
    /// Why this side ended the exchange.
    enum Abort {
        /// It did not.
        case none
        /// The answer's body reached its limit.
        case bodyLimit
        /// For this reason.
        case failed(ExchangeFailure)
    }

    /// libcurl's handle, https://curl.se/libcurl/c/curl_easy_init.html.
    let easy: UnsafeMutableRawPointer
    unowned let lane: Lane
    let errorText: UnsafeMutablePointer<CChar>
    /// Where in the engine's list of active transfers.
    @exclusivity(unchecked) var position = -1
    /// The request being carried out.
    @exclusivity(unchecked) var request = Transfer.noRequest
    @exclusivity(unchecked) var abort = Abort.none

    // The request as libcurl wants it.
    @exclusivity(unchecked) var settings = TransferSettings()
    @exclusivity(unchecked) var fields = FieldList()
    @exclusivity(unchecked) var inlineBody = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    @exclusivity(unchecked) var stream: BodyStream?
    @exclusivity(unchecked) var bodyLength: Int64 = 0

    // The connection.
    @exclusivity(unchecked) var socket: Int32 = -1
    @exclusivity(unchecked) var openedSockets = 0
    @exclusivity(unchecked) var refusal: ExchangeFailure?
    /// How often the request was about to be sent: 2 when libcurl found a kept-alive connection dead.
    @exclusivity(unchecked) var tries = 0
    @exclusivity(unchecked) var remote = RemoteAddress()
    /// What was in the receive queue when a connection broke in the middle of a streamed request.
    @exclusivity(unchecked) var leftover: [UInt8] = []

    // The answer so far.
    @exclusivity(unchecked) var head = AnswerHead()
    @exclusivity(unchecked) var status = 0
    @exclusivity(unchecked) var body: [UInt8] = []
    @exclusivity(unchecked) var bodyLimit = 0
    @exclusivity(unchecked) var file: AnswerFile?

    // Progress, in milliseconds of the engine's clock.
    @exclusivity(unchecked) var progressMark: Int64 = 0
    @exclusivity(unchecked) var progressAt: Int64 = 0
    @exclusivity(unchecked) var checkAt: Int64 = 0

    static let noRequest = Request(token: 0, url: "", transport: Transport())

    /// A transfer of `lane`. nil when libcurl has no memory.
    init?(lane: Lane) {
        guard let easy = curl_easy_init() else { return nil }
        self.easy = easy
        self.lane = lane
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        setFixedOptions()
    }

    deinit {
        curl_easy_cleanup(easy)
        errorText.deallocate()
        inlineBody.deallocate()
    }

    /// Forgets the request and its answer; memory and libcurl's settings stay for the next.
    func clear() {
        // What holds memory; the rest is overwritten by the next request.
        request.body = .none
        request.headers = []
        abort = .none
        stream = nil
        bodyLength = 0
        socket = -1
        openedSockets = 0
        refusal = nil
        tries = 0
        leftover = []
        head.removeAll()
        status = 0
        body = []
        file = nil
    }

    /// All request bytes were handed to the socket: the receiver may have acted on them.
    var requestSent: Bool {
        if tries == 0 { return false }
        // An earlier try on a connection that turned out dead may have been complete.
        if tries > 1 { return stream?.wasReadToEnd ?? true }
        if bodyLength == 0 { return ccurl_get_long(easy, CURLINFO_REQUEST_SIZE) > 0 }
        return ccurl_get_size(easy, CURLINFO_SIZE_UPLOAD_T) >= bodyLength
    }

    /// Whether no byte has moved for the request's stall timeout. Looks a few times within that time.
    /// - Parameter now: milliseconds of the engine's clock.
    func isStalled(now: Int64) -> Bool {
        checkAt = now + Transfer.checkInterval(request.transport.stallTimeout)
        let mark = bytesMoved
        if tries == 0 || mark != progressMark {
            progressMark = mark
            progressAt = now
            return false
        }
        return now - progressAt >= request.transport.stallTimeout.milliseconds
    }

    /// A number that changes when bytes move in either direction. The kernel's count is the finer one: the last
    /// megabytes of a body lie in its send buffer and can take long on a slow line, and libcurl counts header
    /// lines only when they are whole. libcurl's count is for unix sockets.
    private var bytesMoved: Int64 {
        let body =
            ccurl_get_size(easy, CURLINFO_SIZE_UPLOAD_T) + ccurl_get_size(easy, CURLINFO_SIZE_DOWNLOAD_T)
        let heads = ccurl_get_long(easy, CURLINFO_HEADER_SIZE) + ccurl_get_long(easy, CURLINFO_REQUEST_SIZE)
        return Int64(body) + Int64(heads) + (socket >= 0 ? ccurl_tcp_bytes(socket) : 0)
    }

    /// A quarter of `timeout`, 10 ms to 1 s: how late a stall may be noticed.
    static func checkInterval(_ timeout: Span) -> Int64 {
        max(10, min(1000, timeout.milliseconds / 4))
    }
}
