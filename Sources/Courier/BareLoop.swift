// The yardstick: libcurl's multi interface as plainly as it can be written, in one function. What the product
// does on top (outbox, courier, outcome) is measured against this on the same receiver and machine.
// Failure: transfers that fail are counted; a libcurl that cannot start is thrown.

import CCurl
import Glibc
import Model

/// Plain libcurl: multi handle, curl_multi_poll, kept-alive connections, nothing else.
package enum BareLoop {
    /// POSTs `body` to `url`, `inFlight` at a time, until `requests` are done or `duration` is over.
    /// - Throws: `CourierError` when libcurl cannot start.
    package static func run(
        url: String, body: [UInt8], inFlight: Int, requests: Int = .max, duration: Span = .seconds(10)
    ) throws(CourierError) -> BareLoopResult {
        try CurlLibrary.start()
        guard let multi = curl_multi_init() else { throw CourierError("libcurl has no memory") }
        let content = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, body.count), alignment: 1)
        content.copyBytes(from: body)
        let fields = curl_slist_append(curl_slist_append(nil, "Content-Type: application/json"), "Expect:")
        var result = BareLoopResult()
        let begin = (Engine.nanoseconds(), processorTime())
        let end = begin.0 + UInt64(max(0, duration.milliseconds)) * 1_000_000
        var started = 0
        var running = 0
        for _ in 0..<min(max(1, inFlight), requests) {
            guard let easy = curl_easy_init() else { break }
            ccurl_set_string(easy, CURLOPT_URL, url)
            ccurl_set_string(easy, CURLOPT_PROXY, "")
            ccurl_set_pointer(easy, CURLOPT_POSTFIELDS, content.baseAddress)
            ccurl_set_size(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
            ccurl_set_list(easy, CURLOPT_HTTPHEADER, fields)
            ccurl_set_long(easy, CURLOPT_NOSIGNAL, 1)
            ccurl_set_transfer_callback(easy, CURLOPT_WRITEFUNCTION) { _, size, count, _ in size * count }
            curl_multi_add_handle(multi, easy)
            started += 1
            running += 1
        }
        while running > 0 {
            var left: Int32 = 0
            curl_multi_perform(multi, &left)
            var finished: UnsafeMutableRawPointer?
            var code = CURLE_OK
            var isAnyFinished = false
            while ccurl_multi_next_finished(multi, &finished, &code) {
                isAnyFinished = true
                let status = ccurl_get_long(finished, CURLINFO_RESPONSE_CODE)
                if code == CURLE_OK && (200...299).contains(status) {
                    result.delivered += 1
                } else {
                    result.failed += 1
                }
                curl_multi_remove_handle(multi, finished)
                running -= 1
                if started < requests && Engine.nanoseconds() < end {
                    curl_multi_add_handle(multi, finished)
                    started += 1
                    running += 1
                } else {
                    curl_easy_cleanup(finished)
                }
            }
            if running > 0 && !isAnyFinished { curl_multi_poll(multi, nil, 0, 1000, nil) }
        }
        result.nanoseconds = Engine.nanoseconds() - begin.0
        result.processorNanoseconds = processorTime() - begin.1
        curl_multi_cleanup(multi)
        curl_slist_free_all(fields)
        content.deallocate()
        return result
    }

    /// This thread's CPU time in nanoseconds.
    private static func processorTime() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
