// The body of one request on its way in. Reads it chunk by chunk, within a limit and a time, and knows afterwards
// whether the connection can carry another request.
// Failure: a body that is too long, too slow or broken off is never handed on as if it were whole.

import Hummingbird
import NIOCore
import NIOHTTPTypes

/// A request's body, read once.
package final class BodyReader {
    /// Bytes that the head promises; nil: chunked, or no body.
    package let promised: Int?
    /// The connection it comes over; nil: none is known.
    let channel: (any Channel)?
    /// Why reading failed; the connection cannot be used any more.
    private(set) var failure: (any Error)?

    private var iterator: RequestBody.AsyncIterator?
    private let body: RequestBody
    private var received = 0
    private var isFinished: Bool
    /// The sender waits for an interim answer before it sends the body.
    private var isAwaited: Bool
    private let started = ContinuousClock.now

    init(_ request: Request, channel: (any Channel)? = nil) {
        self.channel = channel
        body = request.body
        promised = request.headers[.contentLength].flatMap { Int($0) }
        isFinished = (promised ?? 0) == 0 && request.headers[.transferEncoding] == nil
        isAwaited = request.headers[.expect]?.lowercased() == "100-continue"
    }

    /// Bytes of the body wait on the connection: it must be drained or closed.
    var isUnread: Bool { !isFinished }

    /// The next bytes; nil at the end.
    /// - Throws: `BodyError`; after it the connection is closed.
    package func next() async throws(BodyError) -> ByteBuffer? {
        guard !isFinished else { return nil }
        await ask()
        do {
            var iterator = self.iterator ?? body.makeAsyncIterator()
            let chunk = try await iterator.next()
            self.iterator = iterator
            guard let chunk else { return try finish() }
            received += chunk.readableBytes
            return chunk
        } catch let error as BodyError {
            throw error
        } catch {
            failure = error
            throw .brokenOff
        }
    }

    /// The whole body.
    /// - Throws: `.tooLarge` beyond `limit` bytes, `.tooSlow` below 64 KiB/s after a grace of 30 s, `.brokenOff`.
    package func collect(upTo limit: Int) async throws(BodyError) -> [UInt8] {
        guard (promised ?? 0) <= limit else { throw .tooLarge(limit: limit) }
        guard let first = try await next() else { return [] }
        var bytes = Array(first.readableBytesView)
        if let promised, promised > bytes.count { bytes.reserveCapacity(promised) }
        while let chunk = try await next() {
            guard bytes.count + chunk.readableBytes <= limit else { throw .tooLarge(limit: limit) }
            guard BodyReader.isFastEnough(received, in: .now - started) else { throw .tooSlow }
            bytes.append(contentsOf: chunk.readableBytesView)
        }
        guard bytes.count <= limit else { throw .tooLarge(limit: limit) }
        return bytes
    }

    /// Reads the rest and forgets it, so that the sender gets to read the answer before the connection closes.
    func discard(upTo limit: Int, within time: Duration) async {
        isAwaited = false
        let end = ContinuousClock.now + time
        var left = limit
        while left > 0, ContinuousClock.now < end, let chunk = try? await next() {
            left -= chunk.readableBytes
        }
    }

    /// Whether somebody who means it may have sent no more than `bytes` in `time`.
    static func isFastEnough(_ bytes: Int, in time: Duration) -> Bool {
        time < .seconds(30) + .milliseconds(bytes / 64)
    }

    /// Tells a sender who waits that the body is wanted (RFC 9110, 10.1.1): not before, for who is refused then need
    /// not send it. If that fails, so does the read after it.
    private func ask() async {
        guard isAwaited else { return }
        isAwaited = false
        let answer = HTTPResponsePart.head(HTTPResponse(status: .continue))
        try? await channel?.writeAndFlush(answer).get()
    }

    /// A body that ends early looks like any other end when the peer closes between two parts.
    private func finish() throws(BodyError) -> ByteBuffer? {
        if let promised, received < promised {
            failure = BodyError.brokenOff
            throw .brokenOff
        }
        isFinished = true
        return nil
    }
}

/// Why a request's body cannot be had.
package enum BodyError: Error, Sendable, Equatable {
    /// Longer than `limit` bytes.
    case tooLarge(limit: Int)
    /// It came more slowly than anybody sends who means it.
    case tooSlow
    /// The connection broke, or the body is no HTTP.
    case brokenOff
}
