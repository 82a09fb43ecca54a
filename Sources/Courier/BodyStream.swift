// A request body that is too large to be kept in one piece: runs of bytes and files, read in order by libcurl.
// Constant memory: files are read straight into libcurl's upload buffer.
// Failure: kept for the transfer's end, because a read callback can only say "stop".

import Glibc
import Model

/// What libcurl reads a body from.
final class BodyStream {
    /// Length of the whole body in bytes.
    let length: Int64
    /// Why reading stopped; nil while all is well.
    private(set) var failure: ExchangeFailure?
    /// The last byte was once handed to libcurl; stays true when it starts again.
    private(set) var wasReadToEnd = false
    private let pieces: [Piece]
    private var index = 0
    private var offset: Int64 = 0

    /// A stretch of the body.
    enum Piece {
        /// Sent as they are.
        case bytes([UInt8])
        /// Streamed and hashed.
        case file(SampleFile)

        var length: Int64 {
            switch self {
            case .bytes(let bytes): Int64(bytes.count)
            case .file(let file): file.size
            }
        }
    }

    /// A body of `pieces` in this order.
    /// - Throws: `contentDamaged` when a file without bytes does not have the hash it should.
    init(_ pieces: [Piece]) throws(ExchangeFailure) {
        self.pieces = pieces
        var total: Int64 = 0
        for piece in pieces {
            total += piece.length
            if case .file(let file) = piece, file.size == 0 { try file.checkWhole() }
        }
        length = total
    }

    /// Whether a file is among the pieces.
    var holdsFile: Bool {
        pieces.contains { if case .file = $0 { true } else { false } }
    }

    /// Fills up to `count` bytes at `target`; 0 at the end. nil: stop, `failure` says why.
    func read(into target: UnsafeMutableRawPointer, count: Int) -> Int? {
        var filled = 0
        while filled < count && index < pieces.count {
            let piece = pieces[index]
            do throws(ExchangeFailure) {
                let got = try read(piece, into: target + filled, count: count - filled)
                filled += got
                offset += Int64(got)
            } catch {
                failure = error
                return nil
            }
            if offset == piece.length {
                index += 1
                offset = 0
            }
        }
        if index == pieces.count { wasReadToEnd = true }
        return filled
    }

    /// Starts again at the first byte: libcurl sends a request again when a kept-alive connection was closed.
    func rewind() {
        index = 0
        offset = 0
        failure = nil
        for case .file(let file) in pieces { file.rewind() }
    }

    private func read(
        _ piece: Piece, into target: UnsafeMutableRawPointer, count: Int
    ) throws(ExchangeFailure) -> Int {
        switch piece {
        case .file(let file):
            return try file.read(into: target, count: count, at: offset)
        case .bytes(let bytes):
            let copied = min(count, bytes.count - Int(offset))
            bytes.withUnsafeBytes { source in
                guard let base = source.baseAddress else { return }
                memcpy(target, base + Int(offset), copied)
            }
            return copied
        }
    }
}
