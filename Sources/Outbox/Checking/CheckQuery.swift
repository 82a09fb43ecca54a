// The statements of a check. These read every row, which no other statement does: the daemon does not run meanwhile.

/// Statements that look for what should not be, and those that mend it.
enum CheckQuery: Int, Query {
    // Looking: the first column is the row's number.
    case withoutEvent, withoutBytes, unknownState, wrongQueue, wrongDue, withoutDelivery, unknownPlugin,
        noDigest
    case eventsAfter, recount, counters, neededContent, eventID
    // Mending: parameter 1 is the row's number.
    case deleteAttempts, deleteDelivery, makeDead, makeHeld, setQueue, clearDue, namePlugin, clearCounters,
        setCounters,
        lineUp, audit

    var sql: String {
        switch self {
        case .withoutEvent, .withoutBytes, .unknownState, .wrongQueue, .wrongDue, .withoutDelivery,
            .unknownPlugin,
            .noDigest, .eventsAfter, .recount, .counters, .neededContent, .eventID:
            looking
        default: mending
        }
    }

    private var looking: String {
        switch self {
        case .withoutEvent:
            "SELECT id FROM delivery WHERE NOT EXISTS (SELECT 1 FROM event WHERE sequence = delivery.id >> 23)"
        case .withoutBytes:
            """
            SELECT d.id FROM delivery AS d JOIN event AS e ON e.sequence = d.id >> 23
            WHERE e.body IS NULL AND (d.state <= 3 OR d.state = 7) AND (d.id >> 15 & 255) = 0
            """
        case .unknownState: "SELECT id FROM delivery WHERE state NOT BETWEEN 0 AND 7"
        case .wrongQueue:
            """
            SELECT id FROM delivery WHERE queue <> CASE WHEN (id >> 15 & 255) = 0 THEN id & 32767 ELSE 0 END
            """
        case .wrongDue: "SELECT id FROM delivery WHERE state <> 1 AND due_at <> 0"
        case .withoutDelivery:
            """
            SELECT DISTINCT delivery FROM attempt
            WHERE NOT EXISTS (SELECT 1 FROM delivery WHERE id = attempt.delivery)
            """
        case .unknownPlugin:
            """
            SELECT DISTINCT id & 32767 FROM delivery
            WHERE NOT EXISTS (SELECT 1 FROM plugin WHERE number = (delivery.id & 32767))
            """
        case .noDigest: "SELECT sequence FROM event WHERE body IS NULL AND digest IS NULL"
        case .eventsAfter:
            """
            SELECT sequence, id, type, body FROM event WHERE sequence > ?1 AND body IS NOT NULL
            ORDER BY sequence LIMIT 1000
            """
        case .recount: "SELECT queue, state, count(*) FROM delivery GROUP BY queue, state"
        case .counters: "SELECT queue, state, count FROM counter WHERE count <> 0"
        case .neededContent:
            """
            SELECT DISTINCT content FROM event WHERE content IS NOT NULL AND EXISTS (SELECT 1 FROM delivery
            WHERE id >= event.sequence << 23 AND id < (event.sequence + 1) << 23 AND (state <= 3 OR state = 7)
            AND (id >> 15 & 255) = 0)
            """
        default: "SELECT id FROM event WHERE sequence = ?1"
        }
    }

    private var mending: String {
        switch self {
        case .deleteAttempts: "DELETE FROM attempt WHERE delivery = ?1"
        case .deleteDelivery: "DELETE FROM delivery WHERE id = ?1"
        case .makeDead: "UPDATE delivery SET state = 4, due_at = 0, line = NULL, reason = ?2 WHERE id = ?1"
        case .makeHeld: "UPDATE delivery SET state = 3, due_at = 0, line = NULL, reason = ?2 WHERE id = ?1"
        case .setQueue:
            "UPDATE delivery SET queue = CASE WHEN (id >> 15 & 255) = 0 THEN id & 32767 ELSE 0 END WHERE id = ?1"
        case .clearDue: "UPDATE delivery SET due_at = 0 WHERE id = ?1"
        case .namePlugin: "INSERT INTO plugin (number, name) VALUES (?1, 'unknown-' || ?1)"
        case .clearCounters: "DELETE FROM counter"
        case .setCounters:
            "INSERT INTO counter (queue, state, count) SELECT queue, state, count(*) FROM delivery GROUP BY queue, state"
        // What stood behind a delivery that was mended is looked at anew when the daemon starts.
        case .lineUp: "UPDATE plugin SET lining_up = 1 WHERE line_order <> 'none'"
        default: "INSERT INTO audit (at, who, what, detail) VALUES (?1, ?2, 'fsck', ?3)"
        }
    }
}
