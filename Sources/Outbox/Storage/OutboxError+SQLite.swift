// Which of SQLite's result codes mean what to the daemon. https://www.sqlite.org/rescode.html

import CSQLite
import Glibc

extension OutboxError {
    /// The error that a connection reported last.
    ///
    /// A failed fsync is never `full`, whatever errno says: what the kernel has dropped cannot be written again.
    init(connection: OpaquePointer?, while action: String?) {
        let code = sqlite3_extended_errcode(connection)
        let number = sqlite3_system_errno(connection)
        var detail = String(cString: sqlite3_errmsg(connection))
        if number != 0, code & 0xff == SQLITE_IOERR || code & 0xff == SQLITE_CANTOPEN {
            detail += " (\(String(cString: strerror(number))))"
        }
        detail += ", SQLite code \(code)"
        if let action { detail += ", at: \(action.prefix(80))" }
        self = Self.isFull(code: code, number: number) ? .full(detail) : .broken(detail)
    }

    private static func isFull(code: Int32, number: Int32) -> Bool {
        switch code & 0xff {
        case SQLITE_FULL, SQLITE_BUSY:
            // BUSY: a foreign process writes; like a full disk it passes, and nothing was stored.
            return true
        case SQLITE_IOERR:
            let isSync = code == SQLITE_IOERR | (4 << 8) || code == SQLITE_IOERR | (5 << 8)
            return !isSync && (number == ENOSPC || number == EDQUOT)
        default:
            return false
        }
    }
}
