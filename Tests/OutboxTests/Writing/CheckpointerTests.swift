// Moving the log beside the writer: what the writer adds meanwhile must not be left for it to move, since it waits for
// the disk then and every producer with it.

import CSQLite
import Mailbox
import Testing

@testable import Outbox

@Suite("Moving the log", .timeLimit(.minutes(1)))
struct CheckpointerTests {
    @Test("what is written while the log is moved is moved by the same order, not left to the writer")
    func meanwhile() async throws {
        let folder = TemporaryDirectory()
        let files = TestFileSystem(folder)
        let options = OutboxOptions(vfs: TestFileSystem.name)
        let directory = OutboxDirectory(path: folder.path)
        let database = try OutboxWriter.open(directory, options)
        let writer = Writer(database: database)
        try writer.write(pages: 400)
        // As the writer would while the database is synced for the first time: from another thread, on its connection.
        let rounds = Lock(0)
        files.fail {
            $0.whileSyncing = { name in
                guard name.hasSuffix("outbox.db") else { return }
                let round = rounds.withLock { rounds in
                    rounds += 1
                    return rounds
                }
                if round == 1 { try? writer.write(pages: 300) }
            }
        }
        let moved = Signal<Bool>()
        let checkpointer = try Checkpointer(directory, options) { moved.send($0 == nil) }
        checkpointer.move()
        #expect(try await moved.wait())
        checkpointer.stop()
        #expect(rounds.withLock { $0 } == 2)
        // Nothing is left: all of the log is in the database already.
        let before = files.syncs("outbox.db")
        #expect(try database.checkpoint(SQLITE_CHECKPOINT_PASSIVE) == database.logPages)
        #expect(files.syncs("outbox.db") == before)
    }

    /// Used by one thread at a time.
    private struct Writer: @unchecked Sendable {
        let database: Database<WriterQuery>

        func write(pages: Int) throws {
            let size = Int(try database.pragma("page_size"))
            let bytes = pages * size / 2
            try database.execute(
                "INSERT INTO audit (at, who, what, detail) VALUES (0, '', '', hex(zeroblob(\(bytes))))")
        }
    }
}
