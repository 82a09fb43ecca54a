// What is removed and what stays, on a real outbox.

import Glibc
import Mailbox
import Model
import Outbox
import Testing

@testable import Dispatcher

struct HousekeepingTests {
    private let folder = Folder()

    /// An outbox with plugins 1, 2, …; nothing is ever claimed.
    private func outbox(_ plugins: Int = 2) async throws -> (Outbox, OutboxReader) {
        let outbox = try Outbox(directory: folder.path + "/outbox", onClaims: { _ in }, onBroken: { _ in })
        _ = try await outbox.register((1...plugins).map { "p\($0)" })
        return (outbox, try OutboxReader(directory: folder.path + "/outbox"))
    }

    private func append(_ outbox: Outbox, _ content: String, to plugins: [Int64]) async throws {
        let event = Event(Sample.file("e-\(content)", content: content))
        _ = try await outbox.append([
            Arrival(event: event, plugins: plugins.map { PluginNumber($0) }, content: Sample.hash(content))
        ])
    }

    private func housekeeping(
        _ outbox: Outbox, _ reader: OutboxReader, after age: Span = .minutes(16),
        free: @escaping @Sendable (String) -> Int64? = { _ in .max }
    ) throws -> Housekeeping {
        let spool = try folder.spool()
        let samples = SampleStore(spool: spool, fetched: folder.path + "/fetched", reserve: { 0 })
        try samples.prepare()
        let now = Timestamp.systemClock() + age
        return Housekeeping(
            outbox: outbox, reader: reader, spool: spool, samples: samples, log: .silent, now: { now },
            freeSpace: free)
    }

    private func orders(_ house: Housekeeping, room: Int64? = nil) -> Housekeeping.Orders {
        Housekeeping.Orders(retention: .days(7), takenUntil: house.now(), room: room)
    }

    private func put(_ house: Housekeeping, _ contents: String...) {
        for content in contents {
            write(Array(content.utf8), to: house.spool.content + "/" + Sample.hash(content))
        }
    }

    private func left(_ house: Housekeeping, _ contents: String...) throws -> [String] {
        let names = try folderNames(house.spool.content)
        return contents.filter { names.contains(Sample.hash($0)) }
    }

    private func close(_ outbox: Outbox, _ reader: OutboxReader) {
        reader.close()
        outbox.close()
    }

    // MARK: Samples nobody needs

    @Test func samplesStayAsLongAsADeliveryNeedsThem() async throws {
        let (outbox, reader) = try await outbox()
        defer { close(outbox, reader) }
        let house = try housekeeping(outbox, reader)
        try await append(outbox, "needed", to: [1])
        put(house, "needed", "unneeded")
        write([1], to: house.samples.fetched + "/" + Sample.hash("unneeded"))
        await house.round(orders(house))
        #expect(try left(house, "needed", "unneeded") == ["needed"])
        #expect(try folderNames(house.samples.fetched) == [])
    }

    @Test func youngSamplesStay() async throws {
        let (outbox, reader) = try await outbox()
        defer { close(outbox, reader) }
        let house = try housekeeping(outbox, reader, after: .minutes(14))
        put(house, "young")
        await house.round(orders(house))
        #expect(try left(house, "young") == ["young"])
    }

    @Test func samplesOfEventsThatWaitInTheSpoolStay() async throws {
        let (outbox, reader) = try await outbox()
        defer { close(outbox, reader) }
        let house = try housekeeping(outbox, reader, after: .days(3))
        put(house, "waiting")
        // The daemon was down: nothing of the spool has been taken yet, or only what is older.
        var orders = orders(house)
        orders.takenUntil = nil
        await house.round(orders)
        orders.takenUntil = .systemClock() + .minutes(14)
        await house.round(orders)
        #expect(try left(house, "waiting") == ["waiting"])
        orders.takenUntil = .systemClock() + .minutes(16)
        await house.round(orders)
        #expect(try left(house, "waiting") == [])
    }

    @Test func whatIsNoSampleIsNotTouched() async throws {
        let (outbox, reader) = try await outbox()
        defer { close(outbox, reader) }
        let house = try housekeeping(outbox, reader, after: .days(30))
        let link = house.spool.content + "/" + Sample.hash("link")
        symlink("/etc/passwd", link)
        write([1], to: house.spool.content + "/README")
        await house.round(orders(house))
        #expect(try folderNames(house.spool.content).count == 2)
    }

    // MARK: A short disk

    @Test func aShortDiskCostsTheLargestBacklogFirstAndOnlyAsMuchAsNeeded() async throws {
        let (outbox, reader) = try await outbox()
        defer { close(outbox, reader) }
        // Free space grows with every sample that goes.
        let content = folder.path + "/spool/content"
        let house = try housekeeping(outbox, reader) { path in
            path == content ? 100 - Int64((try? folderNames(content).count) ?? 0) : .max
        }
        for number in 1...40 { try await append(outbox, "large\(number)", to: [2]) }
        try await append(outbox, "small", to: [1])
        for number in 1...40 { put(house, "large\(number)") }
        put(house, "small")
        #expect(await house.makeRoom(orders(house, room: 80)))
        #expect(try left(house, "small") == ["small"])
        for number in 1...40 {
            let isLeft = try left(house, "large\(number)") != []
            #expect(isLeft == (number < 20), "those that are sent last go first: \(number)")
        }
    }

    @Test func thereIsNoNeedToReleaseWhileThereIsRoom() async throws {
        let (outbox, reader) = try await outbox()
        defer { close(outbox, reader) }
        let house = try housekeeping(outbox, reader) { _ in 50 }
        try await append(outbox, "needed", to: [1])
        put(house, "needed", "unneeded")
        #expect(await house.makeRoom(orders(house, room: 50)))
        #expect(try left(house, "needed", "unneeded") == ["needed", "unneeded"])
    }

    @Test func whatCannotBeFetchedAgainStays() async throws {
        let (outbox, reader) = try await outbox()
        defer { close(outbox, reader) }
        let house = try housekeeping(outbox, reader) { _ in 0 }
        try await append(outbox, "needed", to: [1])
        put(house, "needed")
        #expect(await house.makeRoom(orders(house, room: nil)))
        #expect(try left(house, "needed") == ["needed"])
    }

    @Test func unneededSamplesGoBeforeNeededOnes() async throws {
        let (outbox, reader) = try await outbox()
        defer { close(outbox, reader) }
        let content = folder.path + "/spool/content"
        let house = try housekeeping(outbox, reader) { path in
            path == content ? 10 - Int64((try? folderNames(content).count) ?? 0) : .max
        }
        try await append(outbox, "needed", to: [1])
        put(house, "needed", "unneeded")
        #expect(await house.makeRoom(orders(house, room: 9)))
        #expect(try left(house, "needed", "unneeded") == ["needed"])
    }

    // MARK: Leftovers

    @Test func abandonedFilesOfWritersThatAreGoneAreRemoved() async throws {
        let (outbox, reader) = try await outbox()
        defer { close(outbox, reader) }
        let old = try housekeeping(outbox, reader, after: .days(2))
        write([1], to: old.spool.tmp + "/unfinished")
        let young = try housekeeping(outbox, reader, after: .hours(23))
        await young.round(orders(young))
        #expect(try folderNames(old.spool.tmp) == ["unfinished"])
        await old.round(orders(old))
        #expect(try folderNames(old.spool.tmp) == [])
    }

    @Test func behindALinkInPlaceOfAFolderNothingIsRemoved() async throws {
        let (outbox, reader) = try await outbox()
        defer { close(outbox, reader) }
        let victim = folder.path + "/victim"
        mkdir(victim, 0o700)
        write([1], to: victim + "/outbox.db")
        write([1], to: victim + "/" + Sample.hash("sample"))
        let house = try housekeeping(outbox, reader, after: .days(2), free: { _ in 0 })
        for path in [house.spool.tmp, house.spool.content] {
            rename(path, path + ".moved")
            symlink(victim, path)
        }
        await house.round(orders(house))
        _ = await house.makeRoom(orders(house, room: 1))
        #expect(try folderNames(victim) == [Sample.hash("sample"), "outbox.db"].sorted())
        #expect(house.samples.path(of: FileReference(sha256: Sample.hash("sample"), size: 1)) == nil)
    }

    @Test func aClosedOutboxIsNoError() async throws {
        let (outbox, reader) = try await outbox()
        let house = try housekeeping(outbox, reader)
        close(outbox, reader)
        put(house, "sample")
        await house.round(orders(house))
        #expect(try left(house, "sample") == ["sample"])
    }
}
