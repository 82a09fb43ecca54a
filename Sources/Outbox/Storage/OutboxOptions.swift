// What tests and measurements change about an outbox; a daemon uses it as it is.

/// Settings of the storage that are not for the operator.
struct OutboxOptions: Sendable {
    /// SQLite's file system layer by name; nil: the system's.
    var vfs: String?
    /// Size of the write-ahead log in bytes from which it is moved into the database.
    var logLimit = 32 << 20
    /// Size of a page of a new database in bytes.
    var pageSize = 8192
    /// Most pages of the database; 0: no limit.
    var maximumPages = 0
}
