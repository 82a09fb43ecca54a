// Reads a request's body as the built-in receiver shows it: beginnings, sizes and hashes, in constant memory.

import Crypto
import Model
import NIOCore

/// Takes a body's bytes as they come.
struct BodyRecorder {
    /// Bytes of a body that are kept, to be shown.
    static let keptBody = 16 << 20
    /// Bytes of a form's field that are kept.
    static let keptField = 4096

    private var scanner: MultipartScanner?
    private var kept: [UInt8] = []
    private var size: Int64 = 0
    private var digest = SHA256()
    private var parts: [ReceivedPart] = []
    private var isBroken = false

    /// A recorder for a body of this content type.
    init(contentType: String?) {
        scanner = contentType.flatMap(MultipartScanner.boundary).map(MultipartScanner.init(boundary:))
    }

    /// Takes the next bytes.
    mutating func add(_ chunk: ByteBuffer) {
        guard scanner != nil else { return addPlain(chunk) }
        for finding in scanner?.scan(chunk.readableBytesView) ?? [] { take(finding) }
    }

    /// What was recorded.
    mutating func finish() -> ReceivedBody {
        guard scanner != nil else {
            return .bytes(kept, size: size, sha256: hexadecimal(digest.finalize()))
        }
        for finding in scanner?.finish() ?? [] { take(finding) }
        closePart()
        return isBroken ? .broken("the form is not complete") : .parts(parts)
    }

    private mutating func addPlain(_ chunk: ByteBuffer) {
        size += Int64(chunk.readableBytes)
        chunk.withUnsafeReadableBytes { digest.update(bufferPointer: $0) }
        let room = BodyRecorder.keptBody - kept.count
        if room > 0 { kept.append(contentsOf: chunk.readableBytesView.prefix(room)) }
    }

    private mutating func take(_ finding: MultipartScanner.Finding) {
        switch finding {
        case .part(let headers):
            closePart()
            parts.append(ReceivedPart(headers: headers))
            digest = SHA256()
        case .bytes(let bytes):
            guard let last = parts.indices.last else { return }
            parts[last].size += Int64(bytes.count)
            bytes.withUnsafeBytes { digest.update(bufferPointer: $0) }
            let room = BodyRecorder.keptField - parts[last].value.count
            if parts[last].filename == nil, room > 0 {
                parts[last].value.append(contentsOf: bytes.prefix(room))
            }
        case .end: break
        case .broken: isBroken = true
        }
    }

    private mutating func closePart() {
        guard let last = parts.indices.last, parts[last].sha256.isEmpty else { return }
        parts[last].sha256 = hexadecimal(digest.finalize())
    }

    private func hexadecimal(_ digest: SHA256.Digest) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
