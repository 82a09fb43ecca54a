// One spool file while it is taken in: what is read, what the outbox has still to answer, what is rejected.

import Model
import Outbox

/// A spool file under way.
final class SpoolFile {
    /// Name in `new/`.
    let name: String
    /// Batches posted to the outbox and not yet answered.
    var batchesUnderWay = 0
    /// Read to its end, or given up.
    private(set) var allRead = false
    /// Something could not be stored or read: the file must be tried again.
    private(set) var failed = false
    /// Lines to be kept as rejected one by one, at most 10,000.
    private(set) var rejections: [Rejection] = []
    /// Rejected lines that are more than that.
    private(set) var furtherRejections = FurtherRejections()
    /// Lines rejected.
    private(set) var rejectionCount = 0

    private var reader: LineReader
    private let lineLimit: Int
    private var rejectedBytes = 0
    private var reasonBytes = 0

    /// Most lines looked at for one batch: a file of bad lines must not keep others waiting.
    private static let mostLines = 10_000
    /// Most rejections that are kept one by one.
    private static let mostRejections = 10_000
    /// Most bytes of rejected lines, and of reasons, held in memory for that.
    private static let mostRejectedBytes = 16 << 20
    private static let mostReasonBytes = 900_000

    /// A file read from `descriptor`, which it owns.
    init(name: String, descriptor: Int32, lineLimit: Int) {
        self.name = name
        self.lineLimit = lineLimit
        reader = LineReader(descriptor: descriptor, limit: lineLimit)
    }

    /// Read whole, and everything answered.
    var isDone: Bool { allRead && batchesUnderWay == 0 }

    /// Gives the file up for now: nothing more is read of it.
    func fail() {
        failed = true
        allRead = true
        reader.close()
    }

    /// The next events, at most `count` and about 4 MB; bad lines are set aside. Empty at the end, and in the
    /// middle of many bad lines.
    /// - Throws: `SpoolError`.
    func nextBatch(count: Int) throws(SpoolError) -> [SpoolIntake.NumberedEvent] {
        var batch: [SpoolIntake.NumberedEvent] = []
        var bytes = 0
        var lines = 0
        while batch.count < count && bytes < 4 << 20 && lines < SpoolFile.mostLines {
            guard let next = try reader.next() else {
                allRead = true
                break
            }
            lines += 1
            switch next {
            case .nothingYet:
                if !batch.isEmpty { batchesUnderWay += 1 }
                return batch
            case .tooLong(let length, let sha256):
                reject(
                    line: reader.number, bytes: nil,
                    reason: "\(length) bytes are more than max_event_size (\(lineLimit)); "
                        + (sha256.map { "sha256 \($0)" } ?? "not hashed, which is done up to 1 GB"))
            case .line(let text):
                do throws(EventError) {
                    batch.append(.init(line: reader.number, event: try Event.parse(line: text)))
                    bytes += text.count
                } catch {
                    reject(line: reader.number, bytes: text, reason: "no event: \(error)")
                }
            }
        }
        if !batch.isEmpty { batchesUnderWay += 1 }
        return batch
    }

    /// Sets a line aside.
    func reject(line: Int, bytes: [UInt8]?, reason: String) {
        rejectionCount += 1
        rejectedBytes += bytes?.count ?? 0
        reasonBytes += reason.utf8.count
        let fits =
            rejections.count < SpoolFile.mostRejections && rejectedBytes <= SpoolFile.mostRejectedBytes
            && reasonBytes <= SpoolFile.mostReasonBytes
        if rejections.isEmpty || (fits && furtherRejections.count == 0) {
            rejections.append(Rejection(line: line, bytes: bytes, reason: reason))
        } else {
            furtherRejections.add(bytes ?? [])
        }
    }
}
