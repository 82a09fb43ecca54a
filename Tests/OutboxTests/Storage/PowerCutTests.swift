// A power cut at any moment: what was acknowledged is there, and what is there is whole.

import Foundation
import Mailbox
import Model
import Testing

@testable import Outbox

@Suite("Power cuts", .timeLimit(.minutes(2)))
struct PowerCutTests {
    /// What the outbox had promised when the power was cut.
    private struct Promise: Sendable {
        var disk: TemporaryDirectory
        var events: [Int]
        var delivered: Set<DeliveryID>
        var started: Set<DeliveryID>
    }

    private struct Witness {
        var random: SeededRandom
        var events: [Int] = []
        var delivered: Set<DeliveryID> = []
        var started: Set<DeliveryID> = []
        var promises: [Promise] = []
    }

    @Test(
        "unsynced writes vanish or survive in any order: nothing acknowledged is lost",
        arguments: [11, 12])
    func powerCut(seed: UInt64) async throws {
        let directory = TemporaryDirectory()
        let files = TestFileSystem(directory)
        let options = OutboxOptions(vfs: TestFileSystem.name, logLimit: 300_000)
        let test = try await TestOutbox(directory, options: options)
        let witness = Lock(Witness(random: SeededRandom(seed: seed)))
        @Sendable func cut() {
            witness.withLock { witness in
                guard Int.random(in: 0..<9, using: &witness.random) == 0 else { return }
                let disk = files.afterPowerCut(&witness.random)
                witness.promises.append(
                    Promise(
                        disk: disk, events: witness.events, delivered: witness.delivered,
                        started: witness.started))
            }
        }
        for round in 0..<40 {
            let numbers = round * 10..<round * 10 + 10
            test.outbox.append(numbers.map { Arrival(event: .test($0, size: 900), plugins: [.a]) }) {
                result in
                guard (try? result.get()) != nil else { return }
                witness.withLock { $0.events += numbers }
                cut()
            }
            let claims = try await test.claim(10)
            let (delivered, started) = (claims.prefix(6), claims.suffix(2).map(\.delivery))
            test.outbox.markStarted(started) { _ in
                witness.withLock { $0.started.formUnion(started) }
                cut()
            }
            test.outbox.record(delivered.map { .delivered($0, at: test.clock.now) }) { _ in
                witness.withLock { $0.delivered.formUnion(delivered.map(\.delivery)) }
                cut()
            }
        }
        try await test.settle()
        let promises = witness.withLock { $0.promises }
        #expect(promises.count > 3)
        for promise in promises { try await check(promise) }
    }

    private func check(_ promise: Promise) async throws {
        let test = try await TestOutbox(promise.disk)
        let arrivals = promise.events.map { Arrival(event: .test($0, size: 900), plugins: []) }
        #expect(try await test.outbox.append(arrivals).allSatisfy { $0 == .duplicate })
        let reader = try test.reader()
        var states: [DeliveryID: DeliveryState] = [:]
        var token: PageToken?
        repeat {
            let page = try await reader.deliveries(after: token, limit: 1000)
            for item in page.items { states[item.delivery] = item.state }
            token = page.next
        } while token != nil
        #expect(promise.delivered.allSatisfy { states[$0] == .delivered })
        #expect(promise.started.allSatisfy { states[$0] == .held })
        try await test.expectCountersRight()
        test.outbox.close()
        let database = try Database<ReaderQuery>(path: promise.disk.path + "/outbox.db", mode: .read)
        #expect(try database.pragmaText("integrity_check") == "ok")
    }

    @Test("kill -9: a copy of the files, taken at any moment, has everything that was acknowledged")
    func kill() async throws {
        let test = try await TestOutbox()
        for round in 0..<5 {
            try await test.append(round * 50..<round * 50 + 50, to: [.a, .b])
            let claims = try await test.claim(20)
            try await test.record(claims.map { .delivered($0, at: test.clock.now) })
            // As a process that was killed leaves them; another process copies, because closing a file here would
            // take this process's locks on it away.
            let copy = TemporaryDirectory()
            let copying = Process()
            copying.executableURL = URL(filePath: "/bin/sh")
            copying.arguments = ["-c", "cp \"$0\"/outbox.db* \"$1\"", test.directory.path, copy.path]
            try copying.run()
            copying.waitUntilExit()
            let again = try await TestOutbox(copy)
            let plugins = try await again.outbox.register([])
            let done = Int64(round + 1) * 20
            #expect(plugins[1].counts == [.delivered: done, .ready: Int64(round + 1) * 50 - done])
            #expect(plugins[2].counts == [.ready: Int64(round + 1) * 50])
            try await again.expectCountersRight()
        }
    }
}
