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

/// Rejected lines of a file that are too many to be held one by one.
struct FurtherRejections: Sendable {
    /// How many there are.
    private(set) var count = 0
    private var digest = SHA256()

    /// Adds a line.
    mutating func add(_ line: [UInt8]) {
        count += 1
        digest.update(data: line)
        digest.update(data: [10])
    }

    /// SHA-256 of all of them, each with its line break.
    var sha256: String { hexDigits(digest.finalize()) }
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

    /// Keeps the rejected lines of the spool file `name`, durably, before that file is removed. When they are too many
    /// to be held the file itself is kept, good lines and bad, if there is room for it.
    /// Called again for the same file after a crash, it writes the same again.
    /// - Returns: Whether they were kept; false: the folder is full, even after what an operator removed.
    /// - Throws: `SpoolError`.
    mutating func keep(
        _ rejections: [Rejection], _ further: FurtherRejections = FurtherRejections(), of name: String
    ) throws(SpoolError) -> Bool {
        guard var free = room() else { return false }
        if further.count > 0, let size = size(of: name), size < free {
            try keepWhole(name, rejections, further)
            used = used.map { $0 + size + Int64(RejectedLines.mostReasons) + RejectedLines.block }
            return true
        }
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
        if further.count > 0 {
            reasons += Array(
                "\(further.count) further lines not kept, sha256 of them, each with its line break, \(further.sha256)\n"
                    .utf8)
        }
        try spool.replace(name + ".reason", in: spool.rejected, with: reasons, mode: 0o640)
        if !kept.isEmpty { try spool.replace(name, in: spool.rejected, with: kept, mode: 0o640) }
        used = used.map { $0 + Int64(kept.count + reasons.count) + 2 * RejectedLines.block }
        return true
    }

    /// Keeps a spool file as it is.
    private func keepWhole(
        _ name: String, _ rejections: [Rejection], _ further: FurtherRejections
    ) throws(SpoolError) {
        var reasons: [UInt8] = []
        for rejection in rejections where reasons.count < RejectedLines.mostReasons {
            reasons += Array("line \(rejection.line): \(rejection.reason)\n".utf8)
        }
        reasons += Array(
            "\(further.count) further lines, sha256 of them, each with its line break, \(further.sha256)\n"
                .utf8)
        reasons += Array("the whole file is kept, good lines and bad\n".utf8)
        try spool.replace(name + ".reason", in: spool.rejected, with: reasons, mode: 0o640)
        try spool.opened(spool.new).move(name, to: try spool.opened(spool.rejected), as: name)
    }

    /// Bytes of a spool file that could be kept; nil: it is none any more.
    private func size(of name: String) -> Int64? {
        guard let status = try? spool.opened(spool.new).status(of: name), status.st_mode & S_IFMT == S_IFREG
        else { return nil }
        return Int64(status.st_size)
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
