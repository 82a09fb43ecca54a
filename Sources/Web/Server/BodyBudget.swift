// Bounds the memory that request bodies may take together: many large batches at a time are refused, not held.

import Mailbox

/// Bytes that bodies may still take.
final class BodyBudget: Sendable {
    /// Bodies up to this size are not counted: there are never enough connections for them to matter.
    static let small = 65_536
    private let left: Lock<Int>

    /// `bytes` in all.
    init(bytes: Int) {
        left = Lock(bytes)
    }

    /// Takes `bytes`; false when there are not so many left.
    func take(_ bytes: Int) -> Bool {
        left.withLock { left in
            guard left >= bytes else { return false }
            left -= bytes
            return true
        }
    }

    /// Gives `bytes` back.
    func giveBack(_ bytes: Int) {
        left.withLock { $0 += bytes }
    }
}
