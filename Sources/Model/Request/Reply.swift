// What came of one request: an answer, or a failure in words, with the exchange's timings.
// Made by Courier, judged by Outcome.

/// What came of one request.
package struct Reply: Sendable, Equatable {
    /// The request's token.
    package var token: UInt64
    /// Answer or failure.
    package var result: ReplyResult
    /// How long each phase took.
    package var timings: Timings
    /// The address that was connected, e.g. `10.0.0.7:443`; nil before a connection.
    package var remoteAddress: String?

    /// A reply to the request numbered `token`.
    package init(
        token: UInt64, result: ReplyResult, timings: Timings = Timings(), remoteAddress: String? = nil
    ) {
        self.token = token
        self.result = result
        self.timings = timings
        self.remoteAddress = remoteAddress
    }
}

/// Answer or failure.
package enum ReplyResult: Sendable, Equatable {
    /// A complete answer was received (its body may be cut at the limit).
    case answer(Answer)
    /// No complete answer.
    case failure(ExchangeFailure)
}

/// A complete HTTP answer.
package struct Answer: Sendable, Equatable {
    /// HTTP status, 200 to 599.
    package var status: Int
    /// Header fields as received, at most 64 KiB of them; names in lower case.
    package var headers: [Header]
    /// The body, or its beginning.
    package var body: [UInt8]
    /// The body was longer than the limit; the rest was not read.
    package var truncated: Bool

    /// An answer with `status`.
    package init(status: Int, headers: [Header] = [], body: [UInt8] = [], truncated: Bool = false) {
        self.status = status
        self.headers = headers
        self.body = body
        self.truncated = truncated
    }

    /// The first header field called `name` (lower case).
    package func header(_ name: String) -> String? {
        headers.first { $0.name == name }?.value
    }
}

/// Why there is no complete answer.
package struct ExchangeFailure: Sendable, Equatable, Error {
    /// What kind of failure, as the retry rules distinguish them.
    package var kind: Kind
    /// In words for the operator: libcurl's own message where there is one.
    package var message: String
    /// The request had been sent to its last byte: the receiver may have acted on it.
    package var requestSent: Bool

    /// A failure of `kind`, explained by `message`.
    package init(kind: Kind, message: String, requestSent: Bool = false) {
        self.kind = kind
        self.message = message
        self.requestSent = requestSent
    }

    /// The kinds of failure that the retry rules distinguish.
    package enum Kind: String, Sendable, Equatable, Codable {
        /// The host name has no address.
        case resolve
        /// No connection: refused, unreachable, reset before the request was sent.
        case connect
        /// Certificate or TLS handshake refused.
        case certificate
        /// Connected address not allowed by `allow_addresses`/`deny_addresses`.
        case egress
        /// `connect_timeout`, `stall_timeout` or `timeout` ran out.
        case timeout
        /// The connection broke during the exchange.
        case interrupted
        /// The answer is not HTTP, its head is too large, or it lies about its length.
        case protocolError = "protocol"
        /// The sample on disk is missing, of another size, or of another hash.
        case contentDamaged = "content_damaged"
        /// The request itself cannot be sent (malformed URL, unreadable certificate file).
        case request
        /// Cancelled by us.
        case cancelled
        /// The local system failed us: no memory, no descriptor, disk full while fetching.
        case local
    }
}

/// How long each phase of an exchange took, in microseconds from its start, cumulative as in libcurl
/// (https://curl.se/libcurl/c/curl_easy_getinfo.html, TIMES). Zero: the phase was not reached or not needed.
package struct Timings: Sendable, Equatable, Codable {
    /// Name resolved.
    package var resolved: Int64 = 0
    /// TCP connected.
    package var connected: Int64 = 0
    /// TLS done.
    package var secured: Int64 = 0
    /// First byte of the answer.
    package var firstByte: Int64 = 0
    /// All done.
    package var total: Int64 = 0

    /// Timings that are all zero until set.
    package init() {}
}
