// Opening: what must be known before the first call, read without counting a row, however much waits.

import Model

extension OutboxWriter {
    /// What is said of deliveries whose attempt was under way when the daemon stopped.
    static let interrupted =
        "the daemon stopped during this attempt: the receiver may have acted on it; retry or cancel it"

    /// Most bytes of pages kept in memory: 16 MiB.
    static let cacheSize = 16 << 20

    /// Opens the database in `directory` with the settings that durability relies on, and checks them.
    static func open(
        _ directory: OutboxDirectory, _ options: OutboxOptions = OutboxOptions()
    ) throws(OutboxError) -> Database<WriterQuery> {
        try directory.makeDatabase()
        let database = try Database<WriterQuery>(path: directory.database, mode: .write, vfs: options.vfs)
        // The page size counts only while the file is empty.
        try database.execute("PRAGMA page_size = \(options.pageSize)")
        let mode = try database.pragmaText("journal_mode = WAL")
        guard mode == "wal" else {
            throw .unusable(
                "\(directory.database): journal mode is \(mode), not wal: this file system has no shared memory"
            )
        }
        try database.execute("PRAGMA synchronous = FULL")
        guard try database.pragma("synchronous") == 2 else {
            throw .unusable("\(directory.database): SQLite does not take synchronous = FULL")
        }
        try database.execute("PRAGMA cache_size = -\(cacheSize >> 10)")
        try database.execute("PRAGMA mmap_size = 0")
        try database.execute("PRAGMA temp_store = MEMORY")
        // Room for what is written while the log is moved: overwriting costs less than growing the file anew.
        try database.execute("PRAGMA journal_size_limit = \(options.logLimit * 2)")
        if options.maximumPages > 0 {
            try database.execute("PRAGMA max_page_count = \(options.maximumPages)")
        }
        // Debian's SQLite overwrites what is deleted, which doubles what a sweep writes.
        try database.execute("PRAGMA secure_delete = OFF")
        try Schema.migrate(database, path: directory.database)
        try OutboxDirectory.sync(directory.path)
        return database
    }

    /// Reads counters, plugins and the last sequence, and holds what was being sent.
    func load() throws(OutboxError) {
        for plugin in try plugins() {
            grow(to: plugin.number)
            queues[Int(plugin.number.rawValue)].order = plugin.order
            queues[Int(plugin.number.rawValue)].isLiningUp = plugin.isLiningUp
        }
        let counts = try database.prepare(.counters)
        while try counts.next() {
            let queue = PluginNumber(counts.integer(0))
            guard let state = DeliveryState(rawValue: counts.integer(1)),
                (0...32_767).contains(queue.rawValue)
            else { continue }
            grow(to: queue)
            counters.addCommitted(counts.integer(2), queue, .state(state))
            if let slot = state.unclaimed { counters.addCommitted(counts.integer(2), queue, slot) }
        }
        let last = try database.prepare(.lastSequence)
        if try last.next() { lastSequence = last.integer(0) }
        last.reset()
        lastSequence = max(lastSequence, try setting(.sequenceFloor) ?? 0)
        for index in queues.indices { try holdStarted(PluginNumber(Int64(index))) }
        try commit()
    }

    private func holdStarted(_ queue: PluginNumber) throws(OutboxError) {
        guard counters[queue, .state(.started)] > 0 else { return }
        try begin()
        var started: [DeliveryID] = []
        let statement = try database.prepare(.started)
        statement.bind(1, queue.rawValue)
        while try statement.next() { started.append(DeliveryID(rawValue: statement.integer(0))) }
        for delivery in started {
            let line = try line(of: delivery)
            guard try change(delivery, from: .started, to: .held, reason: Self.interrupted, updatedAt: moment)
            else { continue }
            count(delivery, from: .started, to: .held, wasClaimed: true, isClaimed: false)
            if let line { try settle(queue, line) }
        }
    }

    /// Makes room for a plugin's queue.
    func grow(to plugin: PluginNumber) {
        let missing = Int(plugin.rawValue) + 1 - queues.count
        guard missing > 0 else { return }
        queues.append(contentsOf: repeatElement(ClaimQueue(), count: missing))
        counters.grow(to: plugin)
    }

    /// All plugins with their counts.
    func plugins() throws(OutboxError) -> [PluginRecord] {
        var plugins: [PluginRecord] = []
        let statement = try database.prepare(.plugins)
        while try statement.next() { plugins.append(PluginRecord(statement)) }
        for index in plugins.indices {
            let number = plugins[index].number
            guard Int(number.rawValue) < queues.count else { continue }
            for state in DeliveryState.allCases {
                let count = counters[number, .state(state)]
                if count != 0 { plugins[index].counts[state] = count }
            }
        }
        return plugins
    }

    /// A number the outbox keeps for itself.
    enum Setting: String {
        /// Sequences up to this were given out, though their events may be gone.
        case sequenceFloor = "sequence_floor"
    }

    func setting(_ key: Setting) throws(OutboxError) -> Int64? {
        let statement = try database.prepare(.setting)
        statement.bind(1, key.rawValue)
        guard try statement.next() else { return nil }
        defer { statement.reset() }
        return statement.integer(0)
    }

    func set(_ key: Setting, _ value: Int64) throws(OutboxError) {
        let statement = try database.prepare(.setSetting)
        statement.bind(1, key.rawValue)
        statement.bind(2, value)
        try statement.run()
    }
}

extension PluginRecord {
    /// Reads a row of `plugin`: number, name, paused_because, not_before, resumed_at, line_order, lining_up.
    init(_ row: Statement) {
        self.init(
            number: PluginNumber(row.integer(0)), name: row.text(1), pausedBecause: row.optionalText(2),
            notBefore: row.optionalInteger(3).map(Timestamp.init(milliseconds:)),
            resumedAt: row.optionalInteger(4).map(Timestamp.init(milliseconds:)),
            order: DeliveryOrder(rawValue: row.text(5)) ?? .none, isLiningUp: row.integer(6) != 0)
    }
}
