// One HTTP request to be sent, complete to the last byte but for the file it may stream.
// Made by Delivery from a plugin and an event, carried out by Courier.

/// One HTTP request. A value: it can be built, compared and tested without a network.
package struct Request: Sendable, Equatable {
    /// The sender's own number for this request; comes back in its `Reply`.
    package var token: UInt64
    /// Requests of one group share a limit, see `Courier.send`; 0: of none.
    package var group = 0
    /// HTTP method, upper case.
    package var method: String
    /// Absolute `http` or `https` URL, already percent-encoded.
    package var url: String
    /// Header fields in sending order. Names and values hold no control characters.
    package var headers: [Header]
    /// What is sent after the head.
    package var body: RequestBody
    /// Where the answer's body goes.
    package var answer: AnswerSink
    /// Certificates, proxy, addresses, time limits.
    package var transport: Transport
    /// Of a body that is not in memory: the courier reads it, then signs and sends the request. nil: it is signed, or
    /// not to be.
    package var signing: Signing?
    /// Boundary of a multipart body; nil: the courier makes one.
    package var boundary: [UInt8]?

    /// A request; everything but `token`, `url` and `transport` has a default.
    package init(
        token: UInt64, method: String = "POST", url: String, headers: [Header] = [],
        body: RequestBody = .none, answer: AnswerSink = .memory(limit: 65_536), transport: Transport
    ) {
        self.token = token
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.answer = answer
        self.transport = transport
    }
}

/// One header field.
package struct Header: Sendable, Equatable {
    /// Field name as it is sent.
    package var name: String
    /// Field value without line breaks.
    package var value: String

    /// A header field `name: value`.
    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// What is sent after the head of a request.
package enum RequestBody: Sendable, Equatable {
    /// No body.
    case none
    /// These bytes; their content type is among the headers.
    case bytes([UInt8])
    /// `multipart/form-data`, parts in this order; the content type is the courier's.
    case multipart([Part])
    /// The file itself is the body (`body = raw` with a sample).
    case file(FileContent)
}

/// One part of a multipart body.
package struct Part: Sendable, Equatable {
    /// Form field name.
    package var name: String
    /// Value bytes or a streamed file.
    package var content: PartContent
    /// `filename="…"`, already made safe; nil for plain fields.
    package var filename: String?
    /// Content type of the part; nil leaves it out.
    package var contentType: String?

    /// A part of a form.
    package init(name: String, content: PartContent, filename: String? = nil, contentType: String? = nil) {
        self.name = name
        self.content = content
        self.filename = filename
        self.contentType = contentType
    }
}

/// A part's value.
package enum PartContent: Sendable, Equatable {
    /// Sent as it is.
    case bytes([UInt8])
    /// Streamed from disk.
    case file(FileContent)
}

/// A sample on disk that is streamed and hashed while it is sent.
package struct FileContent: Sendable, Equatable {
    /// Absolute path of a regular file. Opened with O_NOFOLLOW and O_NONBLOCK.
    package var path: String
    /// Size in bytes that the event promises; a file of another size fails with `contentDamaged`.
    /// nil: the size found when the file is opened.
    package var size: Int64?
    /// Lower-case hex SHA-256 that the bytes must have. The last chunk is held back until it is right.
    /// nil: not checked (test events).
    package var sha256: String?

    /// A sample on disk.
    package init(path: String, size: Int64?, sha256: String?) {
        self.path = path
        self.size = size
        self.sha256 = sha256
    }
}

/// Where the body of an answer goes.
package enum AnswerSink: Sendable, Equatable {
    /// Kept in memory up to `limit` bytes; what is over is cut off and `Answer.truncated` set.
    case memory(limit: Int)
    /// Written to a new file at `path` (O_EXCL, 0600), hashed; fails with `contentDamaged` when the hash is
    /// another or the size is over `limit`. Only for status 200; other answers are kept in memory (64 KiB).
    /// The file is fsynced before the reply is given and removed when the transfer fails.
    case file(path: String, sha256: String, limit: Int64)
}

/// How a request reaches its receiver.
package struct Transport: Sendable, Equatable {
    /// PEM file with the certificate authorities to trust instead of the system's.
    package var certificateAuthorities: String?
    /// PEM file with the client certificate.
    package var clientCertificate: String?
    /// PEM file with the client certificate's key.
    package var clientKey: String?
    /// Proxy URL. nil: none; environment variables are ignored.
    package var proxy: String?
    /// Path of a unix socket to connect to instead of the URL's host.
    package var unixSocket: String?
    /// Which addresses may be connected to, checked on the address that is really connected.
    package var egress: EgressPolicy
    /// Longest time to a finished connection (DNS, TCP, TLS).
    package var connectTimeout: Span
    /// Longest time without a byte in either direction once connected.
    package var stallTimeout: Span
    /// Longest time for the whole exchange; already scaled for the size of the body.
    package var totalTimeout: Span
    /// false: each request gets a connection of its own. libcurl sends a request again by itself when a
    /// kept-alive connection was closed before an answer came; where a receiver must not see a request twice
    /// (`on_ambiguous = hold`) no connection may be used again.
    package var reusesConnections: Bool

    /// Transport settings with the product's defaults.
    package init(
        certificateAuthorities: String? = nil, clientCertificate: String? = nil, clientKey: String? = nil,
        proxy: String? = nil, unixSocket: String? = nil, egress: EgressPolicy = EgressPolicy(),
        connectTimeout: Span = .seconds(5), stallTimeout: Span = .seconds(30),
        totalTimeout: Span = .seconds(60), reusesConnections: Bool = true
    ) {
        self.certificateAuthorities = certificateAuthorities
        self.clientCertificate = clientCertificate
        self.clientKey = clientKey
        self.proxy = proxy
        self.unixSocket = unixSocket
        self.egress = egress
        self.connectTimeout = connectTimeout
        self.stallTimeout = stallTimeout
        self.totalTimeout = totalTimeout
        self.reusesConnections = reusesConnections
    }
}
