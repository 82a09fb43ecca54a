// Turns libcurl's result code and what the callbacks left into a reply.
// https://curl.se/libcurl/c/libcurl-errors.html

import CCurl
import Glibc
import Model

extension Transfer {
    /// The reply to the finished request.
    func reply(_ code: CURLcode) -> Reply {
        Reply(
            token: request.token, result: result(code), timings: timings,
            remoteAddress: tries > 0 ? remote.text : nil)
    }

    private func result(_ code: CURLcode) -> ReplyResult {
        switch abort {
        case .failed(var failure):
            failure.requestSent = failure.kind != .egress && requestSent
            return .failure(failure)
        case .bodyLimit:
            return answer(truncated: true)
        case .none:
            break
        }
        if code == CURLE_OK { return answer(truncated: false) }
        if var failure = stream?.failure {
            failure.requestSent = requestSent
            return .failure(failure)
        }
        if let early = earlyAnswer(code) { return early }
        return .failure(failure(code))
    }

    private func answer(truncated: Bool) -> ReplyResult {
        // libcurl takes a connection that closes in the middle of the head for a complete answer.
        guard head.isComplete else {
            return .failure(
                ExchangeFailure(
                    kind: .interrupted,
                    message: "the connection was closed in the middle of the answer's head",
                    requestSent: requestSent))
        }
        guard (200...599).contains(status) else {
            return .failure(
                ExchangeFailure(
                    kind: .protocolError, message: "the answer's status is \(status)",
                    requestSent: requestSent)
            )
        }
        return .answer(Answer(status: status, headers: head.fields(), body: body, truncated: truncated))
    }

    /// The answer of a receiver that answered before it had read the whole request, and then closed: sending
    /// fails although a good answer is there.
    private func earlyAnswer(_ code: CURLcode) -> ReplyResult? {
        guard code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR else { return nil }
        if head.isComplete && file == nil {
            let announced = ccurl_get_size(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T)
            return announced == Int64(body.count) ? answer(truncated: false) : nil
        }
        return EarlyAnswer.parse(leftover, bodyLimit: bodyLimit).map { .answer($0) }
    }

    private func failure(_ code: CURLcode) -> ExchangeFailure {
        let words = errorText.pointee == 0 ? curl_easy_strerror(code) : UnsafePointer(errorText)
        var message = words.map { String(cString: $0) } ?? "error \(code.rawValue)"
        // libcurl keeps to itself why: refused, unreachable, no route.
        if code == CURLE_COULDNT_CONNECT, case let cause = ccurl_get_long(easy, CURLINFO_OS_ERRNO), cause != 0
        {
            message += " (\(String(cString: strerror(Int32(cause)))))"
        }
        let kind = kind(code, message)
        if let refusal, kind == .connect {
            if openedSockets == 0 || refusal.kind == .local { return refusal }
            // The host has several addresses: the operator must hear of the one that the policy took away.
            return ExchangeFailure(
                kind: refusal.kind, message: refusal.message + "; of its other addresses: " + message)
        }
        let neverActedOn = kind == .certificate || kind == .request
        return ExchangeFailure(kind: kind, message: message, requestSent: !neverActedOn && requestSent)
    }

    private func kind(_ code: CURLcode, _ message: String) -> ExchangeFailure.Kind {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            return .resolve
        case CURLE_COULDNT_CONNECT, CURLE_PROXY:
            return .connect
        case CURLE_OPERATION_TIMEDOUT:
            return .timeout
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT:
            return .certificate
        case CURLE_SSL_CONNECT_ERROR:
            return message.isAboutConnection ? .connect : .certificate
        case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_SEND_FAIL_REWIND:
            return brokenKind(code, message)
        case CURLE_PARTIAL_FILE, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING:
            return .protocolError
        case CURLE_UNSUPPORTED_PROTOCOL:
            return tries > 0 ? .protocolError : .request
        case CURLE_OUT_OF_MEMORY:
            // libcurl's word for a header line over its own limit, too.
            return tries > 0 && !head.isComplete ? .protocolError : .local
        case CURLE_URL_MALFORMAT, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE,
            CURLE_BAD_FUNCTION_ARGUMENT, CURLE_UNKNOWN_OPTION, CURLE_SSL_ENGINE_NOTFOUND:
            return .request
        default:
            return tries > 0 ? .interrupted : .local
        }
    }

    /// A connection that broke: before the request, in a TLS alert, in malformed chunks, or just so.
    private func brokenKind(_ code: CURLcode, _ message: String) -> ExchangeFailure.Kind {
        // "Empty reply" after a head: 101, which nobody asked for.
        if message.contains("chunked-encod") || code == CURLE_GOT_NOTHING && head.isComplete {
            return .protocolError
        }
        // With TLS 1.3 a refused client certificate is heard of only after the handshake.
        if message.contains(" alert ") { return .certificate }
        if tries == 0 { return .connect }
        return ccurl_get_long(easy, CURLINFO_REQUEST_SIZE) == 0 ? .connect : .interrupted
    }

    private var timings: Timings {
        var timings = Timings()
        timings.resolved = Int64(ccurl_get_size(easy, CURLINFO_NAMELOOKUP_TIME_T))
        timings.connected = Int64(ccurl_get_size(easy, CURLINFO_CONNECT_TIME_T))
        timings.secured = Int64(ccurl_get_size(easy, CURLINFO_APPCONNECT_TIME_T))
        timings.firstByte = Int64(ccurl_get_size(easy, CURLINFO_STARTTRANSFER_TIME_T))
        timings.total = Int64(ccurl_get_size(easy, CURLINFO_TOTAL_TIME_T))
        return timings
    }
}

extension String {
    /// A TLS handshake's failure that is the connection's and not the certificate's.
    fileprivate var isAboutConnection: Bool {
        contains("Connection reset") || contains("SYSCALL") || contains("Broken pipe")
            || contains("unexpected eof")
    }
}
