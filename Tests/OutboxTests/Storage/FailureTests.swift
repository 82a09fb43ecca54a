// The disk fails: a failed write or fsync ends the daemon and acknowledges nothing; a full disk loses nothing.

import CSQLite
import Foundation
import Mailbox
import Model
import Testing

@testable import Outbox

@Suite("Failing disks", .timeLimit(.minutes(1)))
struct FailureTests {
    private func faulty(logLimit: Int = 32 << 20) async throws -> (TestOutbox, TestFileSystem) {
        let directory = TemporaryDirectory()
        let files = TestFileSystem(directory)
        let options = OutboxOptions(vfs: TestFileSystem.name, logLimit: logLimit)
        return (try await TestOutbox(directory, options: options), files)
    }

    private func isBroken(_ error: OutboxError?) -> Bool {
        if case .broken = error { return true }
        return false
    }

    private func isFull(_ error: OutboxError?) -> Bool {
        if case .full = error { return true }
        return false
    }

    @Test("a failed fsync fails every call that waits, and those that come later; the daemon is told once")
    func sync() async throws {
        let (test, files) = try await faulty()
        try await test.append(0..<3)
        let claims = try await test.claim(3)
        files.fail { $0.failingSync = "-wal" }
        async let append = failure { try await test.append(3..<5) }
        async let record = failure { try await test.record([.delivered(claims[0], at: test.clock.now)]) }
        async let mark = failure { try await test.markStarted([claims[1].delivery]) }
        async let pause = failure { try await test.outbox.pause(.a, because: "x") }
        for error in [await append, await record, await mark, await pause] { #expect(isBroken(error)) }
        #expect(isBroken(try await test.broken.wait()))
        // The disk works again, but what it has dropped nobody knows.
        files.fail { $0.failingSync = nil }
        await #expect(throws: OutboxError.self) { try await test.append(9..<10) }
        test.outbox.addCredit(1, queue: .a, order: .oldest)
        test.outbox.close()
        #expect(test.sink.takeAll().isEmpty)
    }

    @Test(
        "a failed write, whatever SQLite calls it",
        arguments: [SQLITE_IOERR | (3 << 8), SQLITE_CORRUPT, SQLITE_READONLY])
    func write(code: Int32) async throws {
        let (test, files) = try await faulty()
        try await test.append(0..<1)
        files.fail { $0.failingWrite = code }
        #expect(isBroken(await failure { try await test.append(1..<2) }))
        #expect(isBroken(try await test.broken.wait()))
        test.outbox.close()
        files.fail { $0.failingWrite = nil }
        let again = try await TestOutbox(test.directory, clock: test.clock)
        #expect(try await again.outbox.append([Arrival(event: .test(0), plugins: [])]) == [.duplicate])
    }

    @Test("a failed fsync of the database, while the log is moved, is noticed too")
    func checkpoint() async throws {
        let (test, files) = try await faulty(logLimit: 200_000)
        files.fail { $0.failingSync = "outbox.db" }
        test.outbox.append((0..<500).map { Arrival(event: .test($0, size: 1_000), plugins: [.a]) }) { _ in }
        #expect(isBroken(try await test.broken.wait()))
        test.outbox.close()
    }

    @Test("the log is moved while the outbox is used, and does not grow without end")
    func log() async throws {
        let (test, files) = try await faulty(logLimit: 200_000)
        for start in stride(from: 0, to: 4_000, by: 100) { try await test.append(start..<start + 100) }
        let reader = try test.reader()
        #expect(files.syncs("outbox.db") > 3)
        #expect(try await reader.sizes().log < 2_000_000)
        try await test.expectCountersRight()
    }

    @Test("what is answered was synced before")
    func syncFirst() async throws {
        let (test, files) = try await faulty()
        for number in 0..<20 {
            let before = files.syncs("-wal")
            let seen = Lock(0)
            let isStored = Signal<Bool>()
            test.outbox.append([Arrival(event: .test(number), plugins: [.a])]) { result in
                seen.withLock { $0 = files.syncs("-wal") }
                isStored.send((try? result.get()) == [.accepted(sequence: Int64(number + 1))])
            }
            #expect(try await isStored.wait())
            #expect(seen.withLock { $0 } > before)
        }
    }

    @Test(
        "a full disk refuses appends, keeps outcomes until they fit, hands nothing out meanwhile, and goes on"
    )
    func full() async throws {
        let (test, files) = try await faulty()
        try await test.append(0..<4)
        let claims = try await test.claim(2)
        files.fail { $0.failingWrite = SQLITE_FULL }
        let stored = Signal<Bool>()
        test.outbox.record([.delivered(claims[0], at: test.clock.now)]) {
            stored.send((try? $0.get()) != nil)
        }
        let refused = await failure { try await test.append(4..<6) }
        #expect(isFull(refused))
        await #expect(throws: OutboxError.self) { try await test.outbox.pause(.a, because: "x") }
        test.outbox.addCredit(2, queue: .a, order: .oldest)
        _ = try await test.outbox.contentInUse([])
        #expect(test.sink.takeAll().isEmpty && stored.sent == nil)
        files.fail { $0.failingWrite = nil }
        #expect(try await stored.wait())
        #expect(try await test.sink.next(2).map(\.delivery.sequence) == [3, 4])
        #expect(try await test.append(4..<6) == [5, 6])
        #expect(test.broken.sent == nil)
        try await test.expectCountersRight()
    }

    @Test("an append that failed has used no credit and no number")
    func creditAfterFailure() async throws {
        let (test, files) = try await faulty()
        test.outbox.addCredit(2, queue: .a, order: .oldest)
        files.fail { $0.failingWrite = SQLITE_FULL }
        #expect(isFull(await failure { try await test.append(0..<2) }))
        files.fail { $0.failingWrite = nil }
        #expect(try await test.append(0..<2) == [1, 2])
        #expect(try await test.sink.next(2).map(\.delivery.sequence) == [1, 2])
        try await test.expectClaimsRight()
    }

    @Test("events that do not fit do not keep outcomes from being stored")
    func partlyFull() async throws {
        let test = try await TestOutbox(options: OutboxOptions(maximumPages: 60))
        try await test.append(0..<10)
        let claims = try await test.claim(10)
        let stored = Signal<Bool>()
        test.outbox.record(claims.map { .delivered($0, at: test.clock.now) }) {
            stored.send((try? $0.get()) != nil)
        }
        let refused = await failure {
            try await test.outbox.append([Arrival(event: .test(10, size: 2 << 20), plugins: [.a])])
        }
        #expect(isFull(refused))
        #expect(try await stored.wait())
        #expect(try await test.append(11..<12) == [11])
        try await test.expectCountersRight()
    }

    @Test("a small disk that really fills up: what was accepted is there, and after room was made it goes on")
    func realDisk() async throws {
        guard let disk = SmallDisk(megabytes: 4) else {
            print(
                "A full disk was not tested on a real one: mounting a tmpfs is not possible here (\(errno)).")
            return
        }
        let test = try await TestOutbox(disk.directory)
        var accepted: Set<String> = []
        var refused = 0
        for number in 0..<200 where refused < 3 {
            let refusal = await failure {
                try await test.outbox.append([Arrival(event: .test(number, size: 50_000), plugins: [.a])])
            }
            #expect(refusal == nil || isFull(refusal))
            if refusal == nil { accepted.insert(Event.test(number).id) } else { refused += 1 }
        }
        #expect(accepted.count > 10 && refused == 3)
        try disk.grow(megabytes: 40)
        try await test.append(1_000..<1_001)
        accepted.insert(Event.test(1_000).id)
        let again = try await test.reopened()
        #expect(Set(try await again.claim(accepted.count).map(\.eventID)) == accepted)
        try await again.expectCountersRight()
        again.outbox.close()
    }
}

/// What a call of the outbox fails with; nil when it does not.
func failure<Value>(_ body: () async throws -> Value) async -> OutboxError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? OutboxError
    }
}
