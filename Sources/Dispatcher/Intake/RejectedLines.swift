// Where lines go that are no events: `rejected/NAME` with `NAME.reason`, so that an operator can look, mend the
// source and put them back. The folder is capped; beyond that lines are counted and their hash is logged.
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

    /// SHA-256 of the line.
    var sha256: String? { bytes.map { hexDigits(SHA256.hash(data: $0)) } }
}

/// The folder of rejected lines.
struct RejectedLines: Sendable {
    private let spool: SpoolFolder
    private let limit: Int64
    /// Bytes on disk as far as this process knows; nil: the folder has not been measured yet.
    private var used: Int64?
    /// Times in a row that the folder was full.
    private var refusals = 0

    /// Most bytes of reasons for one spool file.
    private static let mostReasons = 1_000_000
    /// A file takes at least this much of a disk.
    private static let block: Int64 = 4096

    /// The `rejected` folder of `spool`, which may hold `limit` bytes.
    init(spool: SpoolFolder, limit: Int64 = 1_000_000_000) {
        self.spool = spool
        self.limit = limit
    }

    /// Keeps the rejected lines of the spool file `name`, durably, before that file is removed.
    /// Called again for the same file after a crash, it writes the same again.
    /// - Returns: Whether they were kept; false: the folder is full, even after what an operator removed.
    /// - Throws: `SpoolError`.
    mutating func keep(_ rejections: [Rejection], of name: String) throws(SpoolError) -> Bool {
        guard var free = room() else { return false }
        var kept: [UInt8] = []
        var reasons: [UInt8] = []
        for rejection in rejections where reasons.count < RejectedLines.mostReasons {
            var reason = "line \(rejection.line): \(rejection.reason)"
            if let bytes = rejection.bytes {
                if Int64(bytes.count) < free {
                    kept += bytes + [10]
                    free -= Int64(bytes.count) + 1
                } else {
                    reason += "; not kept, the folder is full; sha256 \(rejection.sha256 ?? "-")"
                }
            }
            reasons += Array(reason.utf8) + [10]
        }
        try spool.replace(name + ".reason", in: spool.rejected, with: reasons, mode: 0o640)
        if !kept.isEmpty { try spool.replace(name, in: spool.rejected, with: kept, mode: 0o640) }
        used = used.map { $0 + Int64(kept.count + reasons.count) + 2 * RejectedLines.block }
        return true
    }

    /// Bytes of lines that may be added; nil: not even a reason.
    private mutating func room() -> Int64? {
        let reserve = Int64(RejectedLines.mostReasons) + 2 * RejectedLines.block
        // An operator may have made room; measuring a full folder is slow, so that is not looked for every time.
        if (used ?? limit) + reserve >= limit, refusals % 64 == 0 {
            used = RejectedLines.size(of: spool.rejected)
        }
        let free = limit - (used ?? 0) - reserve
        refusals = free > 0 ? 0 : refusals + 1
        return free > 0 ? free : nil
    }

    private static func size(of folder: String) -> Int64 {
        guard let folder = try? OpenFolder(folder), let names = try? folder.names() else { return 0 }
        return names.reduce(0) { sum, name in
            guard let information = folder.status(of: name) else { return sum }
            return sum + max(block, Int64(information.st_blocks) * 512)
        }
    }
}
