// The write-ahead log: moved into the database when it has grown, by the checkpointer but for the last few pages.

import CSQLite
import Model

extension OutboxWriter {
    /// Starts moving the log when it has grown.
    func maintainLog() {
        guard broken == nil, !isMovingLog, database.logPages * pageSize >= logLimit else { return }
        isMovingLog = true
        checkpointer.move()
    }

    /// The checkpointer is done: only what was written meanwhile is left, and the log can start anew.
    func logWasMoved(_ error: OutboxError?) {
        isMovingLog = false
        guard broken == nil else { return }
        if let error {
            if case .full = error { return }
            return breakDown(error)
        }
        checkpoint(SQLITE_CHECKPOINT_PASSIVE)
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
    func checkpoint(_ mode: Int32) throws(OutboxError) {
        guard sqlite3_wal_checkpoint_v2(handle, nil, mode, nil, nil) == SQLITE_OK else {
            throw OutboxError(connection: handle, while: "checkpoint")
        }
    }
}
