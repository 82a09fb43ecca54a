// A connection that only reads, with the rows it makes of what it reads.
// Failure: an outbox that is missing or has another schema is not opened.

import Glibc
import Model

/// A reading connection; what it does is spread over its extensions.
///
/// Unchecked, because it is built on the opener's thread and from then on used by the reader's thread only.
final class ReadConnection: @unchecked Sendable {
    /// Most rows that one page examines.
    static let examinedLimit = 10_000

    /// Most waiting deliveries of all queues that a page reads.
    var mostWaiting = ReadConnection.waitingLimit
    /// Numbers of deliveries that lists have read.
    var numbersRead = 0

    let database: Database<ReaderQuery>
    let directory: OutboxDirectory
    let clock: @Sendable () -> Timestamp
    private var names: [PluginNumber: String] = [:]

    init(directory: OutboxDirectory, clock: @escaping @Sendable () -> Timestamp) throws(OutboxError) {
        guard access(directory.database, R_OK) == 0 else {
            throw .unusable(
                "cannot read \(directory.database): \(String(cString: strerror(errno))); the daemon makes it at its first start"
            )
        }
        self.directory = directory
        self.clock = clock
        database = try Database(path: directory.database, mode: .read)
        try Schema.check(database, path: directory.database)
        guard try database.pragma("user_version") == Schema.version else {
            throw .unusable(
                "\(directory.database) has an older schema: start the daemon once, which brings it up to date"
            )
        }
        try database.execute("PRAGMA cache_size = -4096")
        try database.execute("PRAGMA mmap_size = 0")
    }

    /// Runs `body` so that all it reads is of one moment.
    func inOneState<Value>(_ body: () throws(OutboxError) -> Value) throws(OutboxError) -> Value {
        try database.prepare(.begin).run()
        let value: Value
        do throws(OutboxError) {
            value = try body()
        } catch {
            _ = try? database.prepare(.commit).run()
            throw error
        }
        try database.prepare(.commit).run()
        return value
    }

    /// The plugin's name; a number without a row, which cannot be, as a number.
    func name(of plugin: PluginNumber) throws(OutboxError) -> String {
        if names[plugin] == nil {
            for record in try pluginRows() { names[record.number] = record.name }
        }
        return names[plugin] ?? "#\(plugin.rawValue)"
    }

    /// The rows of `plugin`, without counts.
    func pluginRows() throws(OutboxError) -> [PluginRecord] {
        var plugins: [PluginRecord] = []
        let statement = try database.prepare(.plugins)
        while try statement.next() { plugins.append(PluginRecord(statement)) }
        return plugins
    }

    /// What a list shows of a delivery; nil when it is not there.
    func summary(_ delivery: DeliveryID) throws(OutboxError) -> DeliverySummary? {
        let name = try name(of: delivery.plugin)
        let row = try database.prepare(.delivery)
        row.bind(1, delivery.rawValue)
        guard try row.next() else { return nil }
        defer { row.reset() }
        let due = row.integer(2)
        return DeliverySummary(
            delivery: delivery, name: DeliveryName(eventID: row.text(8), plugin: name, step: delivery.step),
            state: DeliveryState(rawValue: row.integer(1)) ?? .held,
            due: due == 0 ? nil : Timestamp(milliseconds: due), attempts: Int(row.integer(3)),
            triedFor: .milliseconds(row.integer(4)), updatedAt: Timestamp(milliseconds: row.integer(5)),
            reason: row.optionalText(6), status: row.optionalInteger(11).map { Int($0) }, hook: row.text(9),
            object: row.optionalText(10), acceptedAt: Timestamp(milliseconds: row.integer(7)))
    }

    /// The highest sequence there is; 0: none.
    func lastSequence() throws(OutboxError) -> Int64 {
        let row = try database.prepare(.lastSequence)
        defer { row.reset() }
        return try row.next() ? row.integer(0) : 0
    }

    /// The first sequence at or after `from` whose event was accepted at `moment` or later, by halving: right as
    /// long as nobody set the clock back meanwhile.
    func sequence(acceptedFrom moment: Timestamp) throws(OutboxError) -> Int64 {
        var low: Int64 = 0
        var high = try lastSequence() + 1
        while low < high {
            let middle = low + (high - low) / 2
            let row = try database.prepare(.eventFrom)
            row.bind(1, middle)
            guard try row.next() else {
                high = middle
                continue
            }
            let found = row.integer(0)
            let isBefore = row.integer(1) < moment.milliseconds
            row.reset()
            if isBefore { low = found + 1 } else { high = middle }
        }
        return low
    }
}

extension EventSummary {
    /// Reads sequence, type, object, accepted_at, id, actor, content and whether the body is kept.
    init(_ row: Statement) {
        self.init(
            sequence: row.integer(0), id: row.text(4), hook: row.text(1),
            acceptedAt: Timestamp(milliseconds: row.integer(3)), actor: row.optionalText(5),
            object: row.optionalText(2), content: row.optionalText(6), isKept: row.integer(7) != 0)
    }
}
