// The write-ahead log: moved into the database when it has grown, by the checkpointer but for the last few pages.

import CSQLite
import Model

extension OutboxWriter {
    /// Starts moving the log when it has grown.
    func maintainLog() {
        let limit = logLimit / pageSize
        if database.logPages < limit { logThreshold = limit }
        guard broken == nil, !isMovingLog, database.logPages >= logThreshold else { return }
        isMovingLog = true
        checkpointer.move()
    }

    /// The checkpointer is done: only what was written meanwhile is left, and the log can start anew.
    func logWasMoved(_ error: OutboxError?) {
        isMovingLog = false
        guard broken == nil else { return }
        if let error {
            if case .broken = error { return breakDown(error) }
        } else {
            checkpoint(SQLITE_CHECKPOINT_PASSIVE)
        }
        // Somebody who reads an old state (a backup) keeps it from starting anew: it grows, and is tried again only
        // after it has grown noticeably.
        logThreshold = database.logPages + logLimit / pageSize / 4
    }

    /// Moves all of the log into the database at the end.
    func truncateLog() {
        checkpoint(SQLITE_CHECKPOINT_TRUNCATE)
    }

    private func checkpoint(_ mode: Int32) {
        do throws(OutboxError) {
            try database.checkpoint(mode)
        } catch {
            if case .full = error { return }
            breakDown(error)
        }
    }
}

extension Database {
    /// Moves the log into the database. https://www.sqlite.org/c3ref/wal_checkpoint_v2.html
    /// - Returns: How many of the log's pages are in the database now.
    @discardableResult
    func checkpoint(_ mode: Int32) throws(OutboxError) -> Int {
        var moved: Int32 = 0
        guard sqlite3_wal_checkpoint_v2(handle, nil, mode, nil, &moved) == SQLITE_OK else {
            throw OutboxError(connection: handle, while: "checkpoint")
        }
        return Int(moved)
    }
}
