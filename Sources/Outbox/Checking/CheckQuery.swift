// The statements of a check. These read every row, which no other statement does: the daemon does not run meanwhile.

/// Statements that look for what should not be, and those that mend it.
enum CheckQuery: Int, Query {
    // Looking: the first column is the row's number.
    case anyWrong, withoutEvent, withoutBytes, unknownState, wrongQueue, wrongDue, lineOfNobody,
        blockedByNobody,
        unknownPlugin, withoutDelivery, stuckLine, noDigest
    case eventsAfter, sequences, recount, counters, neededContent, eventID
    // Mending: parameter 1 is the row's number.
    case deleteAttempts, deleteDelivery, makeDead, makeHeld, makeReady, setQueue, clearDue, clearLine,
        lineUpQueue,
        namePlugin, clearCounters, setCounters, lineUp, audit

    /// Every delivery with its event.
    private static let rows = "FROM delivery AS d LEFT JOIN event AS e ON e.sequence = d.id >> 23 WHERE "
    /// A delivery to a plugin, no write-back, that may still be sent.
    private static let isPending = "(d.state <= 3 OR d.state = 7) AND (d.id >> 15 & 255) = 0"
    private static let ownQueue = "CASE WHEN (d.id >> 15 & 255) = 0 THEN d.id & 32767 ELSE 0 END"

    /// What is wrong with a row of deliveries, for statements that look at each by itself: one look at all rows says
    /// whether any of these finds something.
    var fault: String? {
        switch self {
        case .withoutEvent: "e.sequence IS NULL"
        case .withoutBytes: "e.sequence IS NOT NULL AND e.body IS NULL AND " + Self.isPending
        case .unknownState: "d.state NOT BETWEEN 0 AND 7"
        case .wrongQueue: "d.queue <> " + Self.ownQueue
        case .wrongDue: "d.state <> 1 AND d.due_at <> 0"
        case .lineOfNobody: "d.line IS NOT NULL AND d.state BETWEEN 3 AND 6"
        case .blockedByNobody: "d.state = 7 AND d.line IS NULL"
        case .unknownPlugin: "NOT EXISTS (SELECT 1 FROM plugin WHERE number = d.id & 32767)"
        default: nil
        }
    }

    var sql: String {
        switch self {
        case .anyWrong:
            "SELECT 1 " + Self.rows
                + Self.allCases.compactMap(\.fault).map { "(\($0))" }.joined(separator: " OR ") + " LIMIT 1"
        case .unknownPlugin: "SELECT DISTINCT d.id & 32767 " + Self.rows + (fault ?? "")
        default:
            if let fault { "SELECT d.id " + Self.rows + fault } else { isMending ? mending : looking }
        }
    }

    private var isMending: Bool { rawValue >= Self.deleteAttempts.rawValue }

    private var looking: String {
        switch self {
        case .withoutDelivery:
            """
            SELECT DISTINCT delivery FROM attempt
            WHERE NOT EXISTS (SELECT 1 FROM delivery WHERE id = attempt.delivery)
            """
        // While a queue is lined up anew, all of it is blocked.
        case .stuckLine:
            """
            SELECT min(id) FROM delivery INDEXED BY delivery_line WHERE line IS NOT NULL GROUP BY queue, line
            HAVING min(state) = 7 AND queue NOT IN (SELECT number FROM plugin WHERE lining_up = 1)
            """
        case .noDigest: "SELECT sequence FROM event WHERE body IS NULL AND digest IS NULL"
        case .eventsAfter:
            """
            SELECT sequence, id, type, body FROM event WHERE sequence > ?1 AND body IS NOT NULL
            ORDER BY sequence LIMIT 1000
            """
        case .sequences: "SELECT (SELECT min(sequence) FROM event), (SELECT max(sequence) FROM event)"
        case .recount: "SELECT queue, state, count(*) FROM delivery GROUP BY queue, state"
        case .counters: "SELECT queue, state, count FROM counter WHERE count <> 0"
        case .neededContent:
            """
            SELECT DISTINCT content FROM event WHERE content IS NOT NULL AND EXISTS (SELECT 1 FROM delivery AS d
            WHERE d.id >= event.sequence << 23 AND d.id < (event.sequence + 1) << 23 AND \(Self.isPending))
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
        case .makeReady: "UPDATE delivery SET state = 0, due_at = 0 WHERE id = ?1"
        case .setQueue: "UPDATE delivery AS d SET queue = \(Self.ownQueue) WHERE d.id = ?1"
        case .clearDue: "UPDATE delivery SET due_at = 0 WHERE id = ?1"
        case .clearLine: "UPDATE delivery SET line = NULL WHERE id = ?1"
        case .lineUpQueue:
            "UPDATE plugin SET lining_up = 1 WHERE number = (SELECT queue FROM delivery WHERE id = ?1)"
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
