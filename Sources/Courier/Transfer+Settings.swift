// Puts a request into an easy handle.
// Failure: a request that cannot be sent is refused here, before any connection, as `request`,
// `contentDamaged` or `local`.

import CCurl
import Glibc
import Model

extension Transfer {
    /// Takes over `request`.
    /// - Throws: `request` for a malformed URL, method, field or part; what `SampleFile` throws.
    func prepare(_ request: Request) throws(ExchangeFailure) {
        self.request = request
        try setTransport(request.transport)
        try setURL(request.url)
        try setMessage(request)
        bodyLimit = request.answer.memoryLimit
        setReceiveBuffer(request.answer)
    }

    /// The options that hold for a handle's whole life.
    func setFixedOptions() {
        let me = Unmanaged.passUnretained(self).toOpaque()
        for option in [
            CURLOPT_PRIVATE, CURLOPT_HEADERDATA, CURLOPT_WRITEDATA, CURLOPT_READDATA, CURLOPT_SEEKDATA,
            CURLOPT_OPENSOCKETDATA, CURLOPT_PREREQDATA,
        ] {
            ccurl_set_pointer(easy, option, me)
        }
        ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
        // Connections outlive transfers, so closing them is the engine's.
        ccurl_set_pointer(easy, CURLOPT_CLOSESOCKETDATA, Unmanaged.passUnretained(lane.engine).toOpaque())
        for (option, value) in Transfer.fixedNumbers { ccurl_set_long(easy, option, value) }
        for (option, value) in Transfer.fixedStrings { ccurl_set_string(easy, option, value) }
        ccurl_abandon_resolver(easy)
        setCallbacks()
    }

    private static let fixedNumbers: [(CURLoption, Int)] = [
        (CURLOPT_NOSIGNAL, 1),
        (CURLOPT_PATH_AS_IS, 1),
        (CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)),
        (CURLOPT_HTTP09_ALLOWED, 0),
        (CURLOPT_FOLLOWLOCATION, 0),
        (CURLOPT_HTTP_CONTENT_DECODING, 0),
        (CURLOPT_SUPPRESS_CONNECT_HEADERS, 1),
        (CURLOPT_DNS_CACHE_TIMEOUT, 60),
        (CURLOPT_TCP_NODELAY, 1),
        (CURLOPT_TCP_KEEPALIVE, 1),
        (CURLOPT_TCP_KEEPIDLE, 30),
        (CURLOPT_TCP_KEEPINTVL, 15),
    ]

    // An empty proxy and no-proxy list keep libcurl from looking into the environment.
    private static let fixedStrings: [(CURLoption, String)] = [
        (CURLOPT_PROTOCOLS_STR, "http,https"),
        (CURLOPT_PROXY, ""),
        (CURLOPT_NOPROXY, ""),
    ]

    private func setTransport(_ new: Transport) throws(ExchangeFailure) {
        if new == settings.transport { return }
        let old = settings.transport
        try setCertificates(new, old)
        if new.proxy != old.proxy {
            try check(ccurl_set_string(easy, CURLOPT_PROXY, new.proxy ?? ""), "proxy")
        }
        if new.unixSocket != old.unixSocket {
            try check(ccurl_set_string(easy, CURLOPT_UNIX_SOCKET_PATH, new.unixSocket), "unix socket")
        }
        ccurl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, Int(new.connectTimeout.milliseconds))
        ccurl_set_long(easy, CURLOPT_TIMEOUT_MS, Int(new.totalTimeout.milliseconds))
        ccurl_set_long(easy, CURLOPT_FRESH_CONNECT, new.reusesConnections ? 0 : 1)
        ccurl_set_long(easy, CURLOPT_FORBID_REUSE, new.reusesConnections ? 0 : 1)
        remote.isPermitted = false
        settings.transport = new
    }

    private func setCertificates(_ new: Transport, _ old: Transport) throws(ExchangeFailure) {
        if new.certificateAuthorities != old.certificateAuthorities {
            if let file = new.certificateAuthorities {
                try readable(file, "tls.ca")
                try check(ccurl_set_string(easy, CURLOPT_CAINFO, file), "tls.ca")
                try check(ccurl_set_string(easy, CURLOPT_CAPATH, nil), "tls.ca")
            } else {
                ccurl_set_pointer(easy, CURLOPT_CAINFO, ccurl_get_pointer(easy, CURLINFO_CAINFO))
                ccurl_set_pointer(easy, CURLOPT_CAPATH, ccurl_get_pointer(easy, CURLINFO_CAPATH))
            }
        }
        if let file = new.clientCertificate { try readable(file, "tls.cert") }
        if let file = new.clientKey { try readable(file, "tls.key") }
        try check(ccurl_set_string(easy, CURLOPT_SSLCERT, new.clientCertificate), "tls.cert")
        try check(ccurl_set_string(easy, CURLOPT_SSLKEY, new.clientKey), "tls.key")
    }

    private func readable(_ path: String, _ key: String) throws(ExchangeFailure) {
        guard access(path, R_OK) == 0 else {
            throw ExchangeFailure(
                kind: .request, message: "\(key) \(path) cannot be read: \(String(cString: strerror(errno)))")
        }
    }

    private func setURL(_ url: String) throws(ExchangeFailure) {
        if url == settings.url { return }
        guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
            throw ExchangeFailure(kind: .request, message: "URL does not begin with http:// or https://")
        }
        for byte in url.utf8 where byte <= 0x20 || byte == 0x7f {
            throw ExchangeFailure(kind: .request, message: "URL holds a space or control character")
        }
        try check(ccurl_set_string(easy, CURLOPT_URL, url), "URL")
        settings.url = url
    }

    private func setReceiveBuffer(_ sink: AnswerSink) {
        var size = TransferSettings.smallReceiveBuffer
        if case .file = sink { size = TransferSettings.fileBuffer }
        if size == settings.receiveBuffer { return }
        ccurl_set_long(easy, CURLOPT_BUFFERSIZE, size)
        settings.receiveBuffer = size
    }

    func check(_ code: CURLcode, _ what: String) throws(ExchangeFailure) {
        guard code != CURLE_OK else { return }
        let words = String(cString: curl_easy_strerror(code))
        throw ExchangeFailure(
            kind: code == CURLE_OUT_OF_MEMORY ? .local : .request, message: "\(what): \(words)")
    }
}

extension AnswerSink {
    /// How much of the body may be kept in memory, in bytes.
    var memoryLimit: Int {
        switch self {
        case .memory(let limit): limit
        case .file: 65_536
        }
    }
}
