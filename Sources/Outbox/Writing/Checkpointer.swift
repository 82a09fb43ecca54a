// Moves the write-ahead log into the database beside the writer, so that appends do not wait for the many writes
// and the fsync that this takes. https://www.sqlite.org/wal.html#ckpt
// Failure: a full disk leaves the log as it is, to be moved later. A failed write or fsync is reported and ends the
// daemon: what the kernel has dropped would be missing once the log is overwritten. (SQLite's own automatic
// checkpoint ignores that, so it is off.)

import CSQLite
import Mailbox

/// A thread with a connection of its own that moves the log when it is told to.
final class Checkpointer: Sendable {
    private let mailbox = Mailbox<Order>()
    private let thread: WorkerThread

    private enum Order {
        case move
        case stop
    }

    /// The statements of its connection: none.
    private enum NoQuery: Int, Query {
        case none
        var sql: String { "SELECT 1" }
    }

    /// Most rounds of one move: the writer adds to the log meanwhile, and what one round leaves is a part of it.
    private static let rounds = 4
    /// So few pages are left to the writer, who waits for the disk while it moves them.
    private static let rest = 128

    /// The connection's thread is the checkpointer's after it is made.
    private struct Connection: @unchecked Sendable {
        let database: Database<NoQuery>
    }

    /// Opens the connection. `report` is called on the checkpointer's thread after each move.
    init(
        _ directory: OutboxDirectory, _ options: OutboxOptions,
        report: @escaping @Sendable (OutboxError?) -> Void
    ) throws(OutboxError) {
        let database = try Database<NoQuery>(path: directory.database, mode: .write, vfs: options.vfs)
        try database.execute("PRAGMA synchronous = FULL")
        try database.execute("PRAGMA cache_size = -64")
        let connection = Connection(database: database)
        let mailbox = mailbox
        do {
            thread = try WorkerThread(name: "outbox-log") { Self.run(connection, mailbox, report) }
        } catch {
            throw .unusable("\(error)")
        }
    }

    deinit {
        mailbox.post(.stop)
    }

    /// Moves what is in the log now.
    func move() {
        mailbox.post(.move)
    }

    /// Ends the thread after what it is doing.
    func stop() {
        mailbox.post(.stop)
        thread.join()
    }

    private static func run(
        _ connection: Connection, _ mailbox: Mailbox<Order>, _ report: @Sendable (OutboxError?) -> Void
    ) {
        while true {
            for order in mailbox.wait() {
                guard order == .move else { return }
                do throws(OutboxError) {
                    try move(connection.database)
                    report(nil)
                } catch {
                    report(error)
                }
            }
        }
    }

    /// Moves the log, and then what was added to it in the meantime, until next to nothing is.
    private static func move(_ database: Database<NoQuery>) throws(OutboxError) {
        // Reading makes the connection notice that there is a log.
        try database.execute("SELECT 1 FROM sqlite_schema LIMIT 1")
        var moved = 0
        for _ in 0..<rounds {
            let before = moved
            moved = try database.checkpoint(SQLITE_CHECKPOINT_PASSIVE)
            if moved - before < rest { return }
        }
    }
}
