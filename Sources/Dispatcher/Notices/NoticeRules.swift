// Which operational events there are, and when each may be announced: the first of a kind at once, what follows within
// the interval gathered into one. Pure: looks at the dispatcher are given to it, and time is a parameter, so that a
// thousand deaths a second and a receiver that comes and goes cost a few events.

import Model

/// What is known of the dispatcher's troubles, and what was said of them.
struct NoticeRules: Sendable {
    /// Two announcements of one kind about one plugin are this far apart.
    static let interval = Span.minutes(5)

    /// A kind of notice, about a plugin or about none.
    private struct Key: Hashable, Sendable {
        var type: String
        var plugin: String?
    }

    /// Occurrences since the last announcement.
    private struct Gathered: Sendable {
        var count: Int64
        var first: Timestamp
        var last: Timestamp
        var reason: String
        /// The latest delivery or spool file.
        var example: String?
    }

    /// A receiver that does not answer.
    private struct Outage: Sendable {
        var since: Timestamp
        var reason: String
        var deliveredBefore: Int64
        var isAnnounced = false
    }

    private var gathered: [Key: Gathered] = [:]
    private var announced: [Key: Timestamp] = [:]
    private var outages: [String: Outage] = [:]
    private var recoveries: [Notice] = []
    private var pauses: [String: String]?
    private var rejectedBefore: Int64 = 0
    private var nearlyFull: Notice?
    private var isNearlyFull = false

    // MARK: What happens

    /// A delivery to `plugin`, or a write-back that it caused, was given up.
    mutating func died(_ delivery: String, of plugin: String, because reason: String, now: Timestamp) {
        gather(Key(type: "delivery.dead", plugin: plugin), 1, reason, delivery, now)
    }

    /// How the plugins stand. Who is paused when the daemon starts was announced by an earlier one.
    mutating func look(at statuses: [PluginStatus], now: Timestamp) {
        for status in statuses { lookForOutage(status, now) }
        let names = Set(statuses.map(\.name))
        outages = outages.filter { names.contains($0.key) }
        let current = statuses.reduce(into: [String: String]()) { pauses, status in
            if status.state == .paused { pauses[status.name] = status.reason ?? "" }
        }
        if let before = pauses {
            for (name, reason) in current.sorted(by: { $0.key < $1.key }) where before[name] != reason {
                gather(Key(type: "plugin.paused", plugin: name), 1, reason, nil, now)
            }
        }
        pauses = current
    }

    /// Lines of the spool that were rejected since the start, and the latest of them.
    mutating func look(at figures: IntakeFigures, now: Timestamp) {
        let new = figures.spoolRejected - rejectedBefore
        rejectedBefore = figures.spoolRejected
        guard new > 0, let latest = figures.latestRejection else { return }
        gather(Key(type: "intake.rejected"), new, latest.reason, latest.file, now)
    }

    /// Free bytes on the outbox's disk; intake stops below `limit`. Said once, and again after there was room.
    mutating func look(atFree free: Int64?, limit: Int64, folder: String) {
        guard let free else { return }
        // As a share, which no limit however large makes overflow.
        let share = Double(free) / Double(max(limit, 1))
        if share >= 2.25 { isNearlyFull = false }
        guard share < 2, limit > 0, !isNearlyFull else { return }
        isNearlyFull = true
        let reason = "intake stops below \(limit) bytes: make room on \(folder), or lower min_free_space"
        nearlyFull = Notice(
            type: "outbox.nearly_full",
            data: [
                .init(key: "free_bytes", value: .number(String(free))),
                .init(key: "limit_bytes", value: .number(String(limit))),
                .init(key: "reason", value: .string(reason)),
            ])
    }

    private mutating func lookForOutage(_ status: PluginStatus, _ now: Timestamp) {
        guard let outage = outages[status.name] else {
            guard status.isSuspended else { return }
            outages[status.name] = Outage(
                since: now, reason: status.lastFailure ?? status.reason ?? "the receiver does not answer",
                deliveredBefore: status.delivered)
            return
        }
        // A reload opens a window too; only a delivery shows that the receiver works.
        guard !status.isSuspended, status.delivered > outage.deliveredBefore else { return }
        outages[status.name] = nil
        guard outage.isAnnounced else { return }
        let seconds = max(0, (now - outage.since).milliseconds / 1000)
        recoveries.append(
            Notice(
                type: "plugin.recovered", plugin: status.name,
                data: [
                    .init(key: "plugin", value: .string(status.name)),
                    .init(key: "since", value: .string(outage.since.rfc3339)),
                    .init(key: "down_seconds", value: .number(String(seconds))),
                ]))
    }

    private mutating func gather(
        _ key: Key, _ count: Int64, _ reason: String, _ example: String?, _ now: Timestamp
    ) {
        var entry =
            gathered[key] ?? Gathered(count: 0, first: now, last: now, reason: reason, example: example)
        entry.count += count
        (entry.last, entry.reason, entry.example) = (now, reason, example)
        gathered[key] = entry
    }

    // MARK: What is announced

    /// The notices that may be announced at `now` of the steady clock.
    mutating func due(_ now: Timestamp) -> [Notice] {
        announced = announced.filter { now - $0.value < Self.interval }
        var notices = recoveries
        recoveries = []
        for (name, outage) in outages.sorted(by: { $0.key < $1.key }) where !outage.isAnnounced {
            guard mayAnnounce(Key(type: "plugin.suspended", plugin: name), now) else { continue }
            outages[name]?.isAnnounced = true
            notices.append(
                Notice(
                    type: "plugin.suspended", plugin: name,
                    data: [
                        .init(key: "plugin", value: .string(name)),
                        .init(key: "since", value: .string(outage.since.rfc3339)),
                        .init(key: "reason", value: .string(outage.reason)),
                    ]))
        }
        for (key, entry) in gathered.sorted(by: {
            ($0.key.type, $0.key.plugin ?? "") < ($1.key.type, $1.key.plugin ?? "")
        })
        where mayAnnounce(key, now) {
            gathered[key] = nil
            notices.append(notice(key, entry))
        }
        if let notice = nearlyFull, mayAnnounce(Key(type: notice.type), now) {
            nearlyFull = nil
            notices.append(notice)
        }
        return notices
    }

    private mutating func mayAnnounce(_ key: Key, _ now: Timestamp) -> Bool {
        guard announced[key] == nil else { return false }
        announced[key] = now
        return true
    }

    private func notice(_ key: Key, _ entry: Gathered) -> Notice {
        let plugin = key.plugin.map { [JSON.Member(key: "plugin", value: .string($0))] } ?? []
        let reason = JSON.Member(key: "reason", value: .string(entry.reason))
        guard key.type != "plugin.paused" else {
            return Notice(type: key.type, plugin: key.plugin, data: plugin + [reason])
        }
        let example = key.type == "delivery.dead" ? "delivery" : "spool_file"
        return Notice(
            type: key.type, plugin: key.plugin,
            data: plugin + [
                .init(key: "count", value: .number(String(entry.count))),
                .init(key: "first", value: .string(entry.first.rfc3339)),
                .init(key: "last", value: .string(entry.last.rfc3339)), reason,
                .init(key: example, value: entry.example.map(JSON.string) ?? .null),
            ])
    }
}
