// Where lines go that are no events: `rejected/NAME` with `NAME.reason`, so that an operator can look, mend the
// source and put them back. The folder is capped; beyond that a line is counted and its hash kept.
// Failure: what cannot be kept here must not be lost silently, so the spool file stays until it can.

import Crypto
import Glibc

/// A line that was not accepted, with the reason.
struct Rejection: Sendable, Equatable {
    /// Line number in the file, from 1.
    var line: Int
    /// The line; nil when it was too long to keep.
    var bytes: [UInt8]?
    /// Why, in words.
    var reason: String
}

/// The folder of rejected lines.
struct RejectedLines: Sendable {
    private let spool: SpoolFolder
    private let limit: Int64
    private var used: Int64

    /// The `rejected` folder of `spool`, which may hold `limit` bytes.
    init(spool: SpoolFolder, limit: Int64 = 1_000_000_000) {
        self.spool = spool
        self.limit = limit
        used = RejectedLines.size(of: spool.rejected)
    }

    /// Keeps the rejected lines of the spool file `name`, durably, before that file is removed.
    /// Called again for the same file after a crash, it writes the same again.
    /// - Throws: `SpoolError`.
    mutating func keep(_ rejections: [Rejection], of name: String) throws(SpoolError) {
        var kept: [UInt8] = []
        var reasons: [UInt8] = []
        for rejection in rejections {
            var reason = "line \(rejection.line): \(rejection.reason)"
            if let bytes = rejection.bytes {
                if used + Int64(kept.count + bytes.count) < limit {
                    kept += bytes
                    kept.append(10)
                } else {
                    reason += "; not kept, the folder is full; sha256 \(hexDigits(SHA256.hash(data: bytes)))"
                }
            }
            if reasons.count < 1_000_000 { reasons += Array(reason.utf8) + [10] }
        }
        try spool.replace(name + ".reason", in: spool.rejected, with: reasons, mode: 0o640)
        if !kept.isEmpty { try spool.replace(name, in: spool.rejected, with: kept, mode: 0o640) }
        used += Int64(kept.count + reasons.count)
    }

    private static func size(of folder: String) -> Int64 {
        let names = (try? folderNames(folder)) ?? []
        return names.reduce(0) { sum, name in
            var information = stat()
            return lstat(folder + "/" + name, &information) == 0 ? sum + Int64(information.st_size) : sum
        }
    }
}
