// Opening: what durability relies on is checked, and what cannot be used is refused in words.

import Foundation
import Model
import Testing

@testable import Outbox

@Suite("Opening", .timeLimit(.minutes(1)))
struct OpeningTests {
    private func open(_ path: String) throws -> Outbox {
        try Outbox(directory: path, onClaims: { _ in }, onBroken: { _ in })
    }

    @Test("the settings that durability relies on")
    func settings() throws {
        let directory = TemporaryDirectory()
        let database = try OutboxWriter.open(OutboxDirectory.make(directory.path))
        #expect(try database.pragmaText("journal_mode") == "wal")
        #expect(try database.pragma("synchronous") == 2)
        #expect(try database.pragma("mmap_size") == 0)
        #expect(try database.pragma("page_size") == Int64(OutboxOptions().pageSize))
        #expect(try database.pragma("user_version") == Schema.version)
        #expect(-(try database.pragma("cache_size")) <= 16 << 10)
    }

    @Test("missing directories are made for the owner only")
    func directories() throws {
        let directory = TemporaryDirectory()
        let path = directory.path + "/var/lib/outbox/"
        try open(path).close()
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o700)
        #expect(FileManager.default.fileExists(atPath: path + "outbox.db"))
        _ = FileManager.default.createFile(atPath: directory.path + "/file", contents: nil)
        #expect(throws: OutboxError.unusable(directory.path + "/file is not a directory")) {
            try open(directory.path + "/file")
        }
        #expect(throws: OutboxError.self) { try open(directory.path + "/file/below") }
        #expect(throws: OutboxError.self) { try open("/proc/outbox") }
    }

    @Test("in a directory that others may read, the files are the owner's all the same")
    func files() async throws {
        let test = try await TestOutbox()
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: test.directory.path)
        try await test.append(0..<1)
        for file in ["outbox.db", "outbox.db-wal", "outbox.db-shm", "lock"] {
            let attributes = try FileManager.default.attributesOfItem(
                atPath: test.directory.path + "/" + file)
            #expect(attributes[.posixPermissions] as? Int == 0o600, "\(file)")
        }
    }

    @Test("a second daemon is told the first one's pid; after it has gone, the next may come")
    func locked() throws {
        let directory = TemporaryDirectory()
        let first = try open(directory.path)
        #expect(throws: OutboxError.locked(pid: getpid())) { try open(directory.path) }
        first.close()
        try open(directory.path).close()
    }

    @Test("a newer schema is left alone, and the error says what to do; so is another program's file")
    func newer() throws {
        let directory = TemporaryDirectory()
        try open(directory.path).close()
        try sqlite(directory.path, "PRAGMA user_version = 99")
        let error = #expect(throws: OutboxError.self) { try open(directory.path) }
        #expect("\(try #require(error))".contains("newer mwdb-webhooks (schema 99"))
        #expect(throws: OutboxError.self) { try OutboxReader(directory: directory.path) }
        try sqlite(directory.path, "PRAGMA user_version = 1; PRAGMA application_id = 7")
        let foreign = #expect(throws: OutboxError.self) { try open(directory.path) }
        #expect("\(try #require(foreign))".contains("another program"))
    }

    @Test("a file that is no database, and one that is damaged, are not opened")
    func damaged() throws {
        let directory = TemporaryDirectory()
        let file = directory.path + "/outbox.db"
        try Data(repeating: 0x41, count: 20_000).write(to: URL(filePath: file))
        #expect(throws: OutboxError.self) { try open(directory.path) }
    }

    @Test("network file systems are known by number and by the mount table's kind")
    func fileSystems() throws {
        #expect(try !FileSystem(of: "/tmp").isNetwork)
        #expect(throws: OutboxError.self) { try FileSystem(of: "/nonexistent") }
        for (number, name) in [
            (0x6969, "nfs"), (0xff53_4d42, "cifs"), (0xfe53_4d42, "smb2"), (0x0102_1997, "9p"),
        ] {
            #expect(
                FileSystem(number: UInt32(number)).isNetwork
                    && FileSystem(number: UInt32(number)).name == name)
        }
        #expect(!FileSystem(number: 0xef53).isNetwork)
        #expect(
            FileSystem(fuseKind: "fuse.sshfs").isNetwork && FileSystem(fuseKind: "fuse.glusterfs").isNetwork)
        #expect(!FileSystem(fuseKind: "fuse.bindfs").isNetwork && !FileSystem(fuseKind: nil).isNetwork)
        let table = """
            24 29 0:22 / /proc rw,nosuid - proc proc rw
            31 29 0:45 / /mnt/host rw shared:1 master:2 - fuse.sshfs user@host:/ rw
            """
        #expect(FileSystem.kind(ofDevice: "0:45", in: table) == "fuse.sshfs")
        #expect(FileSystem.kind(ofDevice: "0:46", in: table) == nil)
        #expect(FileSystem.mountedKind(at: "/proc") == "proc")
    }

    @Test("start-up reads no row of what waits")
    func startUp() async throws {
        let test = try await TestOutbox()
        for start in stride(from: 0, to: 3_000, by: 1_000) { try await test.append(start..<start + 1_000) }
        test.outbox.close()
        // Without the tables of events and deliveries opening would fail if it read more than the last sequence.
        try sqlite(test.directory.path, "ALTER TABLE delivery RENAME TO away")
        let again = try open(test.directory.path)
        #expect(try await again.register([])[1].counts == [.ready: 3_000])
    }
}
