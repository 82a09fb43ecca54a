// A connection to the outbox's database file with its statements, each prepared once.
// Failure: opening says in words why the file cannot be used; later errors come from `Statement`.

import CSQLite
import Glibc

/// The statements that one connection uses.
protocol Query: CaseIterable, RawRepresentable<Int> {
    /// Its text.
    var sql: String { get }
}

/// Settings of SQLite for the whole process, made before its first use.
private let sqliteIsConfigured: Bool = {
    csqlite_skip_memory_statistics()
    return true
}()

/// A connection, to be used by one thread at a time.
final class Database<Queries: Query> {
    /// What a connection may do.
    enum Mode {
        /// Read and write; the file is made if it is not there.
        case write
        /// Read.
        case read
    }

    /// The connection.
    let handle: OpaquePointer
    /// Pages in the write-ahead log after this connection's last commit.
    var logPages: Int { Int(frames.pointee) }

    private let frames: UnsafeMutablePointer<Int32>
    private var statements: [OpaquePointer?]
    private let scratch: UnsafeMutablePointer<Statement.Scratch>

    /// Opens `path`. `vfs` names another file system layer, for tests.
    init(path: String, mode: Mode, vfs: String? = nil) throws(OutboxError) {
        _ = sqliteIsConfigured
        var connection: OpaquePointer?
        let access = mode == .write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY
        let flags = access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        guard sqlite3_open_v2(path, &connection, flags, vfs) == SQLITE_OK, let connection else {
            let detail = connection.map { String(cString: sqlite3_errmsg($0)) } ?? "no memory"
            sqlite3_close_v2(connection)
            throw .unusable("cannot open \(path): \(detail)")
        }
        handle = connection
        statements = Array(repeating: nil, count: Queries.allCases.count)
        scratch = .allocate(capacity: 1)
        let room = 64 << 10
        scratch.initialize(
            to: Statement.Scratch(bytes: .allocate(byteCount: room, alignment: 8), capacity: room))
        frames = .allocate(capacity: 1)
        frames.initialize(to: 0)
        sqlite3_busy_timeout(handle, 10_000)
        // Takes the place of SQLite's automatic checkpoint, which ignores a failed fsync of the database.
        sqlite3_wal_hook(
            handle,
            { frames, _, _, count in
                frames?.assumingMemoryBound(to: Int32.self).pointee = count
                return SQLITE_OK
            }, frames)
    }

    deinit {
        for statement in statements { sqlite3_finalize(statement) }
        scratch.pointee.bytes.deallocate()
        scratch.deallocate()
        sqlite3_close_v2(handle)
        frames.deallocate()
    }

    /// The prepared statement of `query`.
    func prepare(_ query: Queries) throws(OutboxError) -> Statement {
        if let statement = statements[query.rawValue] {
            return Statement(handle: statement, scratch: scratch)
        }
        return try prepareAnew(query)
    }

    /// Runs SQL that is used once: schema and settings.
    func execute(_ sql: String) throws(OutboxError) {
        guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else {
            throw OutboxError(connection: handle, while: sql)
        }
    }

    /// The integer that a `PRAGMA` answers.
    func pragma(_ text: String) throws(OutboxError) -> Int64 {
        Int64(try pragmaText(text)) ?? 0
    }

    /// The text that a `PRAGMA` answers.
    func pragmaText(_ text: String) throws(OutboxError) -> String {
        var handle: OpaquePointer?
        guard sqlite3_prepare_v2(self.handle, "PRAGMA \(text)", -1, &handle, nil) == SQLITE_OK, let handle
        else {
            throw OutboxError(connection: self.handle, while: text)
        }
        defer { sqlite3_finalize(handle) }
        let statement = Statement(handle: handle, scratch: scratch)
        guard try statement.next() else { return "" }
        return statement.text(0)
    }

    /// The first column of every row that `sql` answers, as text.
    func lines(_ sql: String) throws(OutboxError) -> [String] {
        var handle: OpaquePointer?
        guard sqlite3_prepare_v2(self.handle, sql, -1, &handle, nil) == SQLITE_OK, let handle else {
            throw OutboxError(connection: self.handle, while: sql)
        }
        defer { sqlite3_finalize(handle) }
        let statement = Statement(handle: handle, scratch: scratch)
        var lines: [String] = []
        while try statement.next() { lines.append(statement.text(0)) }
        return lines
    }

    /// Not inside a transaction.
    var isIdle: Bool { sqlite3_get_autocommit(handle) != 0 }

    private func prepareAnew(_ query: Queries) throws(OutboxError) -> Statement {
        var statement: OpaquePointer?
        let status = sqlite3_prepare_v3(
            handle, query.sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard status == SQLITE_OK, let statement else {
            throw OutboxError(connection: handle, while: query.sql)
        }
        statements[query.rawValue] = statement
        return Statement(handle: statement, scratch: scratch)
    }
}
