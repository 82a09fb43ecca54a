// Checks an outbox that no daemon uses, and mends what can be mended without guessing. All repairs are one transaction.
// Failure: a database that cannot be read at all is an error in words; damage of its pages is a finding that ends the
// check, since what is read from it then means nothing.

import CSQLite
import Glibc
import Model

/// An outbox that is being checked; locked as long as it lives.
package final class OutboxCheck {
    private let database: Database<CheckQuery>
    private let lock: DirectoryLock
    private let now: Timestamp
    private let isRepairing: Bool

    /// Locks and opens the outbox in `directory`.
    /// - Parameter repair: Mend what can be mended.
    /// - Throws: `.locked` while a daemon runs, `.unusable` when there is no outbox of this version.
    package init(directory: String, repair: Bool, now: Timestamp = .systemClock()) throws(OutboxError) {
        let place = OutboxDirectory(path: directory)
        guard access(place.database, R_OK | W_OK) == 0 else {
            throw .unusable(
                "cannot use \(place.database): \(String(cString: strerror(errno))); run this as the daemon's user"
            )
        }
        lock = try DirectoryLock(directory: directory)
        database = try Database(path: place.database, mode: .write)
        try Schema.check(database, path: place.database)
        guard try database.pragma("user_version") == Schema.version else {
            throw .unusable(
                "\(place.database) has an older schema: start the daemon once, which brings it up to date")
        }
        try database.execute("PRAGMA synchronous = FULL")
        try database.execute("PRAGMA cache_size = -65536")
        self.now = now
        isRepairing = repair
    }

    /// Looks at everything in the database; with `repair` what is repairable in the answer is mended.
    /// - Parameter progress: Told, often, what is being looked at.
    package func run(progress: (String) -> Void = { _ in }) throws(OutboxError) -> [Finding] {
        var findings: [Finding] = []
        progress("pages and indices of the database")
        if let damage = try integrity() {
            findings.append(damage)
            guard !damage.isDamage else { return findings }
        }
        if isRepairing { try database.execute("BEGIN IMMEDIATE") }
        do throws(OutboxError) {
            progress("deliveries with their events")
            let hasFault = try hasRows(.anyWrong)
            for check in RowCheck.all where hasFault || check.query.fault == nil {
                progress(check.what)
                if let found = try rows(check) { findings.append(found) }
            }
            progress("counters")
            if let found = try counters() { findings.append(found) }
            if let found = try bytes(progress) { findings.append(found) }
            guard isRepairing else { return findings }
            let mended = findings.filter(\.isRepaired)
            if !mended.isEmpty { try note(mended) }
            try database.execute("COMMIT")
        } catch {
            if !database.isIdle { try? database.execute("ROLLBACK") }
            throw error
        }
        return findings
    }

    /// SHA-256 of every content that a pending delivery needs.
    package func neededContent() throws(OutboxError) -> Set<String> {
        let rows = try database.prepare(.neededContent)
        var needed: Set<String> = []
        while try rows.next() { needed.insert(rows.text(0)) }
        return needed
    }

    /// Moves the log into the database, as a daemon does at its end.
    package func close() throws(OutboxError) {
        try database.checkpoint(SQLITE_CHECKPOINT_TRUNCATE)
    }

    // MARK: Pages and indices

    private func integrity() throws(OutboxError) -> Finding? {
        let problems = try database.lines("PRAGMA integrity_check(100)").filter { $0 != "ok" }
        guard !problems.isEmpty else { return nil }
        let isIndexOnly = problems.allSatisfy {
            $0.contains("missing from index") || $0.contains("wrong # of entries in index")
        }
        var finding = Finding(
            what: isIndexOnly
                ? "rows that an index does not have as they are" : "damaged places of the database",
            count: Int64(problems.count), examples: problems,
            remedy: isIndexOnly
                ? "the indices are made anew"
                : "check the disk; then restore a backup, or read what can be read with `sqlite3 outbox.db .recover` "
                    + "(docs/durability.md)",
            isRepairable: isIndexOnly)
        finding.isDamage = !isIndexOnly
        guard isRepairing, isIndexOnly else { return finding }
        try database.execute("REINDEX")
        finding.isRepaired = try database.lines("PRAGMA integrity_check(1)") == ["ok"]
        return finding
    }

    // MARK: Rows

    private func hasRows(_ query: CheckQuery) throws(OutboxError) -> Bool {
        let row = try database.prepare(query)
        defer { row.reset() }
        return try row.next()
    }

    private func rows(_ check: RowCheck) throws(OutboxError) -> Finding? {
        let statement = try database.prepare(check.query)
        var numbers: [Int64] = []
        while try statement.next() { numbers.append(statement.integer(0)) }
        guard !numbers.isEmpty else { return nil }
        var examples: [String] = []
        for number in numbers.prefix(Finding.mostExamples) { examples.append(try check.name(number, self)) }
        var finding = Finding(
            what: check.what, count: Int64(numbers.count), examples: examples, remedy: check.remedy,
            isRepairable: !check.mending.isEmpty)
        guard isRepairing, !check.mending.isEmpty else { return finding }
        for number in numbers {
            for query in check.mending {
                let mending = try database.prepare(query)
                mending.bind(1, number)
                if query == .makeDead || query == .makeHeld {
                    mending.bind(2, "found by fsck: " + check.what)
                }
                try mending.run()
            }
        }
        finding.isRepaired = true
        return finding
    }

    /// `EVENT/#PLUGIN` of a delivery, as far as it can be said.
    func delivery(_ number: Int64) throws(OutboxError) -> String {
        let delivery = DeliveryID(rawValue: number)
        let row = try database.prepare(.eventID)
        row.bind(1, delivery.sequence)
        defer { row.reset() }
        let event = try row.next() ? row.text(0) : "event \(delivery.sequence)"
        return "\(event)/#\(delivery.plugin.rawValue)" + (delivery.step > 0 ? "/\(delivery.step)" : "")
    }

    private func counters() throws(OutboxError) -> Finding? {
        func read(_ query: CheckQuery) throws(OutboxError) -> [String: Int64] {
            let rows = try database.prepare(query)
            var counts: [String: Int64] = [:]
            while try rows.next() {
                let state = DeliveryState(rawValue: rows.integer(1))?.name ?? "state \(rows.integer(1))"
                counts["queue \(rows.integer(0)), \(state)"] = rows.integer(2)
            }
            return counts
        }
        let counted = try read(.recount)
        let kept = try read(.counters)
        let wrong = Set(counted.keys).union(kept.keys).filter { counted[$0] != kept[$0] }.sorted()
        guard !wrong.isEmpty else { return nil }
        var finding = Finding(
            what: "counters that are not what a count gives", count: Int64(wrong.count),
            examples: wrong.map { "\($0): \(kept[$0] ?? 0), counted \(counted[$0] ?? 0)" },
            remedy: "they are set to what was counted", isRepairable: true)
        guard isRepairing else { return finding }
        try database.prepare(.clearCounters).run()
        try database.prepare(.setCounters).run()
        finding.isRepaired = true
        return finding
    }

    /// Events whose bytes are not those of an event with their id and hook.
    private func bytes(_ progress: (String) -> Void) throws(OutboxError) -> Finding? {
        var position: Int64 = 0
        let ends = try database.prepare(.sequences)
        let (first, last) = try ends.next() ? (ends.integer(0), ends.integer(1)) : (0, 0)
        ends.reset()
        var wrong: [String] = []
        while true {
            let rows = try database.prepare(.eventsAfter)
            rows.bind(1, position)
            var count = 0
            while try rows.next() {
                count += 1
                position = rows.integer(0)
                let event = try? Event.parse(line: rows.optionalBytes(3) ?? [])
                if event?.id != rows.text(1) || event?.type != rows.text(2) { wrong.append(rows.text(1)) }
            }
            guard count > 0 else { break }
            progress("the events' bytes, \((position - first + 1) * 100 / max(1, last - first + 1)) %")
        }
        guard !wrong.isEmpty else { return nil }
        return Finding(
            what: "events whose bytes are not theirs", count: Int64(wrong.count), examples: wrong,
            remedy:
                "look at them with `mwdb-webhooks show EVENT`, and cancel their deliveries or restore a backup",
            isRepairable: false)
    }

    private func note(_ mended: [Finding]) throws(OutboxError) {
        try database.prepare(.lineUp).run()
        let row = try database.prepare(.audit)
        row.bind(1, now.milliseconds)
        row.bind(2, "unix:\(getuid())")
        row.bind(3, mended.map { "\($0.count) \($0.what)" }.joined(separator: "; "))
        try row.run()
    }
}
