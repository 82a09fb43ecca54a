// A prepared statement: the only place where values cross between Swift and SQLite.
// https://www.sqlite.org/c3ref/stmt.html
// Failure: a failed step is returned as an OutboxError, the statement is reset and can be used again.

import CSQLite
import Glibc

/// A cached prepared statement of a `Database`, used on the database's thread. Parameters count from 1, columns
/// from 0, as in SQLite. Every use ends with `run`, with a `next` that says false, or with `reset`.
struct Statement {
    /// The statement.
    let handle: OpaquePointer
    /// Room for texts while they are bound; belongs to the database.
    let scratch: UnsafeMutablePointer<Scratch>

    /// Bytes of bound texts, valid until the statement is reset; saves an allocation for each text.
    struct Scratch {
        let bytes: UnsafeMutableRawPointer
        let capacity: Int
        var used = 0
    }

    /// Binds an integer.
    func bind(_ index: Int32, _ value: Int64) {
        sqlite3_bind_int64(handle, index, value)
    }

    /// Binds an integer or NULL.
    func bind(_ index: Int32, _ value: Int64?) {
        if let value { bind(index, value) } else { sqlite3_bind_null(handle, index) }
    }

    /// Binds a text.
    func bind(_ index: Int32, _ text: String) {
        var text = text
        text.withUTF8 { bytes in
            let count = bytes.count
            guard let base = bytes.baseAddress, count > 0 else {
                sqlite3_bind_text(handle, index, "", 0, Self.copied)
                return
            }
            let characters = UnsafeRawPointer(base).assumingMemoryBound(to: CChar.self)
            let used = scratch.pointee.used
            guard used + count <= scratch.pointee.capacity else {
                sqlite3_bind_text(handle, index, characters, Int32(count), Self.copied)
                return
            }
            let copy = scratch.pointee.bytes + used
            copy.copyMemory(from: base, byteCount: count)
            scratch.pointee.used = used + count
            sqlite3_bind_text(handle, index, copy.assumingMemoryBound(to: CChar.self), Int32(count), nil)
        }
    }

    /// Binds a text or NULL.
    func bind(_ index: Int32, _ text: String?) {
        if let text { bind(index, text) } else { sqlite3_bind_null(handle, index) }
    }

    /// Binds bytes without copying them: `bytes` must live until the statement is reset.
    func bind(_ index: Int32, _ bytes: UnsafeBufferPointer<UInt8>) {
        bind(index, bytes, nil)
    }

    /// Binds a copy of bytes, or NULL.
    func bind(_ index: Int32, _ bytes: [UInt8]?) {
        guard let bytes else {
            sqlite3_bind_null(handle, index)
            return
        }
        bytes.withUnsafeBufferPointer { bind(index, $0, Self.copied) }
    }

    private func bind(
        _ index: Int32, _ bytes: UnsafeBufferPointer<UInt8>, _ destructor: sqlite3_destructor_type?
    ) {
        // A null pointer would bind NULL: no bytes are not NULL.
        if bytes.isEmpty {
            sqlite3_bind_zeroblob(handle, index, 0)
        } else {
            sqlite3_bind_blob(handle, index, bytes.baseAddress, Int32(bytes.count), destructor)
        }
    }

    /// Steps to the next row; false when there are no more, and then the statement is reset.
    func next() throws(OutboxError) -> Bool {
        let code = sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        guard code == SQLITE_DONE else { throw failure() }
        reset()
        return false
    }

    /// Runs a statement without rows.
    /// - Returns: How many rows it inserted, changed or deleted.
    @discardableResult
    func run() throws(OutboxError) -> Int {
        let code = sqlite3_step(handle)
        guard code == SQLITE_DONE || code == SQLITE_ROW else { throw failure() }
        reset()
        return Int(sqlite3_changes(sqlite3_db_handle(handle)))
    }

    /// Ends the use: what was bound need not live any longer.
    func reset() {
        sqlite3_reset(handle)
        scratch.pointee.used = 0
    }

    private func failure() -> OutboxError {
        let connection = sqlite3_db_handle(handle)
        let error = OutboxError(
            connection: connection, while: sqlite3_sql(handle).map { String(cString: $0) })
        reset()
        return error
    }

    /// SQLITE_TRANSIENT, a cast that C macros cannot hand over: SQLite copies the bytes.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
}

extension Statement {
    /// An integer column; NULL reads as 0.
    func integer(_ column: Int32) -> Int64 {
        sqlite3_column_int64(handle, column)
    }

    /// An integer column or nil.
    func optionalInteger(_ column: Int32) -> Int64? {
        isNull(column) ? nil : integer(column)
    }

    /// Whether a column is NULL.
    func isNull(_ column: Int32) -> Bool {
        sqlite3_column_type(handle, column) == SQLITE_NULL
    }

    /// A text column; NULL reads as the empty text.
    func text(_ column: Int32) -> String {
        guard let bytes = sqlite3_column_text(handle, column) else { return "" }
        let count = Int(sqlite3_column_bytes(handle, column))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    /// A text column or nil.
    func optionalText(_ column: Int32) -> String? {
        isNull(column) ? nil : text(column)
    }

    /// A blob column's bytes where SQLite has them, valid until the next step.
    func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: sqlite3_column_blob(handle, column), count: Int(sqlite3_column_bytes(handle, column)))
    }

    /// A blob column copied, or nil.
    func optionalBytes(_ column: Int32) -> [UInt8]? {
        isNull(column) ? nil : [UInt8](bytes(column))
    }
}
