// The built-in receiver: answers every request as it is told and hands on what it saw. For first steps, for ping,
// and for whoever writes a receiver and wants to see what will arrive.
// Failure: a broken request is shown as broken; nothing a sender does ends the receiver.

import Hummingbird
import Logging
import Mailbox
import Model
import NIOCore
import Settings

/// An HTTP server that answers always the same and tells what it received.
package final class Receiver: Sendable {
    /// What is answered.
    package struct Answer: Sendable {
        /// HTTP status, 200 to 599.
        package var status = 200
        /// Waited before the answer.
        package var delay = Span.milliseconds(0)
        /// `Retry-After` in seconds.
        package var retryAfter: Int?
        /// Body.
        package var body: [UInt8] = []

        /// An empty 200.
        package init() {}
    }

    private let listener: HTTPListener

    /// A receiver on `listen`.
    /// - Parameters:
    ///   - key: Signatures are checked with it; nil: they are not.
    ///   - onRequest: Called for each request, before its answer is sent; in the order of their ends.
    package init(
        _ listen: Listen, answer: Answer = Answer(), key: VerifyingKey? = nil, log: Logger,
        onRequest: @escaping @Sendable (ReceivedRequest) -> Void
    ) {
        let count = Lock(0)
        listener = HTTPListener(listen, log: log) { request, body in
            let receivedAt = systemTime()
            let headers = Receiver.headers(request)
            var recorder = BodyRecorder(contentType: request.headers[.contentType])
            var check = SignatureCheck(
                key: key, headers: { name in headers.first { $0.name == name }?.value }, now: receivedAt
            )
            while let chunk = try? await body.next() {
                recorder.add(chunk)
                chunk.withUnsafeReadableBytes { check.update($0) }
            }
            let isWhole = body.failure == nil
            let recorded = recorder.finish()
            let seen = ReceivedRequest(
                number: count.withLock { count in
                    count += 1
                    return count
                },
                receivedAt: receivedAt, method: request.method.rawValue, path: request.head.path ?? "",
                headers: headers, body: isWhole ? recorded : .broken("the connection broke"),
                signature: check.finding,
                status: answer.status)
            onRequest(seen)
            if answer.delay.milliseconds > 0 {
                try? await Task.sleep(for: .milliseconds(answer.delay.milliseconds))
            }
            return Receiver.response(answer)
        }
    }

    /// Where it listens.
    package var address: Listen { listener.address }

    /// Starts listening.
    /// - Throws: `ListenError`.
    package func start() async throws(ListenError) {
        try await listener.start()
    }

    /// Stops listening.
    package func stop(within time: Span) async {
        await listener.stop(within: time)
    }

    private static func headers(_ request: Request) -> [Header] {
        let host = request.head.authority.map { [Header("host", $0)] } ?? []
        return host + request.headers.map { Header($0.name.canonicalName, $0.value) }
    }

    private static func response(_ answer: Answer) -> Response {
        var headers = HTTPFields()
        if let seconds = answer.retryAfter { headers[.retryAfter] = String(seconds) }
        guard !answer.body.isEmpty else {
            return Response(status: .init(code: answer.status), headers: headers)
        }
        // A body that reads as JSON is one: what extractions are tried on.
        headers[.contentType] = (try? JSON.parse(answer.body)) == nil ? "text/plain" : "application/json"
        return Response(
            status: .init(code: answer.status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
    }
}
