// Figures about plugins and the outbox as a whole, from counters and index seeks: none of them counts a backlog.

import CLinux
import Glibc
import Model

extension ReadConnection {
    /// All plugins with their counts.
    func plugins() throws(OutboxError) -> [PluginRecord] {
        var plugins = try pluginRows()
        var places: [Int64: Int] = [:]
        for (place, plugin) in plugins.enumerated() { places[plugin.number.rawValue] = place }
        let statement = try database.prepare(.counters)
        while try statement.next() {
            guard let place = places[statement.integer(0)],
                let state = DeliveryState(rawValue: statement.integer(1))
            else { continue }
            plugins[place].counts[state] = statement.integer(2)
        }
        return plugins
    }

    /// When the oldest pending delivery of a queue was accepted.
    func oldestPending(_ queue: PluginNumber) throws(OutboxError) -> Timestamp? {
        var oldest: Int64?
        for state in [DeliveryState.ready, .started] {
            let statement = try database.prepare(.oldestInState)
            statement.bind(1, queue.rawValue)
            statement.bind(2, state.rawValue)
            guard try statement.next() else { continue }
            oldest = min(oldest ?? .max, statement.integer(0))
            statement.reset()
        }
        let waiting = try database.prepare(.oldestWaiting)
        waiting.bind(1, queue.rawValue)
        waiting.bind(2, Self.waitingLimit)
        if try waiting.next(), let id = waiting.optionalInteger(0) { oldest = min(oldest ?? .max, id) }
        waiting.reset()
        guard let oldest else { return nil }
        let event = try database.prepare(.eventFrom)
        event.bind(1, DeliveryID(rawValue: oldest).sequence)
        guard try event.next() else { return nil }
        defer { event.reset() }
        return Timestamp(milliseconds: event.integer(1))
    }

    /// When the next waiting delivery of a queue is due.
    func nextDue(_ queue: PluginNumber) throws(OutboxError) -> Timestamp? {
        let statement = try database.prepare(.nextDue)
        statement.bind(1, queue.rawValue)
        guard try statement.next() else { return nil }
        defer { statement.reset() }
        return Timestamp(milliseconds: statement.integer(0))
    }

    /// Pending deliveries by queue and age.
    func ageTable() throws(OutboxError) -> AgeTable {
        let limits: [Span] = [
            .minutes(1), .minutes(5), .minutes(15), .hours(1), .hours(4), .hours(12), .days(1), .days(3),
        ]
        // Bucket n has what lies between borders n + 1 (included) and n.
        var borders: [Int64] = [.max]
        for limit in limits {
            let moment = Timestamp(milliseconds: clock().milliseconds - limit.milliseconds)
            borders.append(DeliveryID.first(of: try sequence(acceptedFrom: moment)).rawValue)
        }
        borders.append(0)
        var table = AgeTable(limits: limits, rows: [])
        for plugin in try plugins() {
            let pending = [DeliveryState.ready, .started, .waiting, .blocked].reduce(0) {
                $0 + (plugin.counts[$1] ?? 0)
            }
            if pending > 0 { table.rows.append(try ages(plugin, borders)) }
        }
        return table
    }

    private func ages(_ plugin: PluginRecord, _ borders: [Int64]) throws(OutboxError) -> AgeRow {
        var row = AgeRow(
            queue: plugin.number, counts: Array(repeating: 0, count: borders.count - 1), isEstimate: false)
        for state in [DeliveryState.ready, .started, .blocked] where plugin.counts[state] ?? 0 > 0 {
            for bucket in row.counts.indices {
                let statement = try database.prepare(.countInState)
                statement.bind(1, plugin.number.rawValue)
                statement.bind(2, state.rawValue)
                statement.bind(3, borders[bucket + 1])
                statement.bind(4, borders[bucket])
                statement.bind(5, Self.waitingLimit)
                guard try statement.next() else { continue }
                let count = statement.integer(0)
                statement.reset()
                row.counts[bucket] += count
                guard count == Self.waitingLimit else { continue }
                // More than we want to count: what is left belongs to this bucket and older ones.
                let counted = row.counts.reduce(0, +)
                row.counts[bucket] += max((plugin.counts[state] ?? 0) - counted, 0)
                row.isEstimate = true
                break
            }
        }
        let waiting = try waiting(plugin.number)
        guard let total = plugin.counts[.waiting], !waiting.isEmpty else { return row }
        var sample = Array(repeating: Int64(0), count: row.counts.count)
        for id in waiting {
            let bucket = borders.firstIndex { id >= $0 } ?? borders.count - 1
            sample[max(bucket - 1, 0)] += 1
        }
        if total > Self.waitingLimit { row.isEstimate = true }
        let scale = Double(total) / Double(waiting.count)
        for bucket in sample.indices {
            row.counts[bucket] += Int64((Double(sample[bucket]) * scale).rounded())
        }
        return row
    }

    /// Bytes used and left.
    func sizes() throws(OutboxError) -> OutboxSizes {
        let page = try database.pragma("page_size")
        var log = stat()
        let hasLog = stat(directory.database + "-wal", &log) == 0
        var disk = statvfs()
        guard statvfs(directory.path, &disk) == 0 else {
            throw .unusable(
                "cannot examine the disk of \(directory.path): \(String(cString: strerror(errno)))")
        }
        return OutboxSizes(
            database: try database.pragma("page_count") * page,
            reusable: try database.pragma("freelist_count") * page,
            log: hasLog ? Int64(log.st_size) : 0, diskFree: Int64(disk.f_bavail) * Int64(disk.f_frsize),
            diskTotal: Int64(disk.f_blocks) * Int64(disk.f_frsize))
    }
}
