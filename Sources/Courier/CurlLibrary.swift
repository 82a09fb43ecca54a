// Starts libcurl for the process and says which one it is.
// Failure: a libcurl that cannot start is a start-up error; nothing is sent without it.

import CCurl
import Glibc

/// libcurl as a whole.
enum CurlLibrary {
    /// Version line, e.g. `libcurl/7.88.1 OpenSSL/3.0.19 zlib/1.2.13`.
    static let version = String(cString: curl_version())

    /// Starts libcurl once, ignores SIGPIPE (OpenSSL writes without MSG_NOSIGNAL) and raises the soft limit of
    /// open files to the hard one: hung receivers hold a descriptor each.
    /// - Throws: `CourierError` with libcurl's words.
    static func start() throws(CourierError) {
        guard started == CURLE_OK else {
            throw CourierError("libcurl does not start: \(String(cString: curl_easy_strerror(started)))")
        }
    }

    private static let started: CURLcode = {
        signal(SIGPIPE, SIG_IGN)
        raiseDescriptorLimit()
        return curl_global_init(Int(CURL_GLOBAL_DEFAULT))
    }()

    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        guard limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        // Refused: the old limit stays; running out of descriptors is reported by the request it happens to.
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
