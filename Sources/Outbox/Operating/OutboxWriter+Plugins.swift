// Plugins and content as the writer keeps them.

import Model

extension OutboxWriter {
    /// Gives numbers to new names; answers with all plugins.
    func register(_ names: [String]) throws(OutboxError) -> Result<[PluginRecord], OutboxError> {
        let known = try plugins()
        var isKnown = Set(known.map(\.name))
        var number = known.last?.number.rawValue ?? 0
        for name in names where isKnown.insert(name).inserted {
            number += 1
            guard number <= 32_767 else {
                return .failure(
                    .unusable("this outbox has known 32767 plugins, which is all it can: start a new one"))
            }
            try begin()
            let statement = try database.prepare(.insertPlugin)
            statement.bind(1, number)
            statement.bind(2, name)
            try statement.run()
        }
        grow(to: PluginNumber(number))
        return .success(try plugins())
    }

    /// Runs a statement that changes one plugin, whose number is parameter 1.
    func update(
        _ plugin: PluginNumber, by query: WriterQuery, _ bind: (Statement) -> Void
    ) throws(OutboxError) -> Result<Void, OutboxError> {
        try begin()
        let statement = try database.prepare(query)
        statement.bind(1, plugin.rawValue)
        bind(statement)
        guard try statement.run() > 0 else {
            return .failure(.unusable("there is no plugin with number \(plugin.rawValue) in this outbox"))
        }
        return .success(())
    }

    /// Those of `hashes` that a pending or held delivery needs.
    func contentInUse(_ hashes: [String]) throws(OutboxError) -> Set<String> {
        var inUse: Set<String> = []
        for hash in hashes {
            var sequences: [Int64] = []
            let events = try database.prepare(.eventsWithContent)
            events.bind(1, hash)
            while try events.next() { sequences.append(events.integer(0)) }
            for sequence in sequences where try hasPending(sequence) {
                inUse.insert(hash)
                break
            }
        }
        return inUse
    }

    private func hasPending(_ sequence: Int64) throws(OutboxError) -> Bool {
        let statement = try database.prepare(.pendingOf)
        statement.bind(1, DeliveryID.first(of: sequence).rawValue)
        statement.bind(2, DeliveryID.first(of: sequence + 1).rawValue)
        guard try statement.next() else { return false }
        statement.reset()
        return true
    }
}
