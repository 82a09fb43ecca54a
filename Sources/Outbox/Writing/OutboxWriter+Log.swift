// The write-ahead log: moved into the database when it has grown.
// Failure: a full disk leaves the log as it is; a failed fsync ends the daemon, because what the kernel has
// dropped would be missing from the database once the log is overwritten.

import CSQLite
import Model

extension OutboxWriter {
    /// The log's size beyond which it is moved into the database, and to which its file is cut back: 32 MiB.
    static let logLimit = 32 << 20

    /// Moves the log into the database when it has grown.
    func maintainLog() {
        guard broken == nil, database.logPages * Database<WriterQuery>.pageSize >= Self.logLimit else {
            return
        }
        do throws(OutboxError) {
            try database.checkpoint(SQLITE_CHECKPOINT_PASSIVE)
        } catch {
            if case .full = error { return }
            breakDown(error)
        }
    }

    /// Moves all of the log into the database at the end.
    func truncateLog() {
        do throws(OutboxError) {
            try database.checkpoint(SQLITE_CHECKPOINT_TRUNCATE)
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
