// Every statement of a reading connection. Each goes by primary key or by an index; a test asks SQLite for the
// plan of each.

/// The reader's statements.
enum ReaderQuery: Int, Query {
    case begin, commit
    // Lists.
    case deliveriesBelow, inStateBelow, waiting, countedQueues
    // One row and what belongs to it.
    case delivery, deliveryIDs, task, attempts, event, findEvent, eventsBelow, eventsFrom, eventFrom,
        eventsAbout,
        plugins, pluginNumber
    // Figures.
    case counters, oldestInState, oldestWaiting, nextDue, countInState, firstSequence, lastSequence, audit,
        jobs, job

    var sql: String {
        switch self {
        case .begin: "BEGIN"
        case .commit: "COMMIT"
        case .deliveriesBelow, .inStateBelow, .waiting, .countedQueues: listing
        case .delivery, .deliveryIDs, .task, .attempts, .event, .findEvent, .eventsBelow, .eventsFrom,
            .eventFrom,
            .eventsAbout, .plugins, .pluginNumber:
            looking
        case .counters, .oldestInState, .oldestWaiting, .nextDue, .countInState, .firstSequence,
            .lastSequence,
            .audit, .jobs, .job:
            counting
        }
    }

    private var listing: String {
        switch self {
        case .deliveriesBelow: "SELECT id FROM delivery WHERE id < ?1 ORDER BY id DESC LIMIT ?2"
        case .inStateBelow:
            """
            SELECT id FROM delivery INDEXED BY delivery_queue
            WHERE queue = ?1 AND state = ?2 AND due_at = 0 AND id < ?3 ORDER BY id DESC LIMIT ?4
            """
        case .waiting:
            "SELECT id FROM delivery INDEXED BY delivery_queue WHERE queue = ?1 AND state = 1 LIMIT ?2"
        default: "SELECT queue, count FROM counter WHERE state = ?1 AND count > 0"
        }
    }

    private var looking: String {
        switch self {
        case .delivery:
            """
            SELECT d.id, d.state, d.due_at, d.attempts, d.tried_for, d.updated_at, d.reason, e.accepted_at, e.id,
            e.type, e.object, (SELECT status FROM attempt WHERE delivery = d.id ORDER BY number DESC LIMIT 1)
            FROM delivery AS d CROSS JOIN event AS e ON e.sequence = d.id >> 23 WHERE d.id = ?1
            """
        case .deliveryIDs: "SELECT id FROM delivery WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3"
        case .task: "SELECT extracted, task FROM delivery WHERE id = ?1"
        case .attempts:
            """
            SELECT number, started_at, ended_at, resolved, connected, secured, first_byte, total, status, failure,
            message, remote_address, answer_headers, answer_body FROM attempt WHERE delivery = ?1 ORDER BY number
            """
        case .event:
            """
            SELECT sequence, type, object, accepted_at, id, actor, content, body IS NOT NULL, body
            FROM event WHERE sequence = ?1
            """
        case .findEvent: "SELECT sequence FROM event WHERE id = ?1"
        case .eventsBelow:
            """
            SELECT sequence, type, object, accepted_at, id, actor, content, body IS NOT NULL
            FROM event WHERE sequence < ?1 ORDER BY sequence DESC LIMIT ?2
            """
        case .eventsFrom:
            """
            SELECT sequence, type, object, accepted_at, body FROM event WHERE sequence > ?1 ORDER BY sequence LIMIT ?2
            """
        case .eventFrom:
            "SELECT sequence, accepted_at FROM event WHERE sequence >= ?1 ORDER BY sequence LIMIT 1"
        case .eventsAbout:
            // Without the plus SQLite would put ?2 in the place of `object` in the index's expression too.
            """
            SELECT sequence FROM event INDEXED BY event_object WHERE sequence >> 12 = ?1
            AND substr(object, 1, 8) = substr(?2, 1, 8) AND object IS NOT NULL AND +object = ?2 AND sequence < ?3
            ORDER BY sequence DESC
            """
        case .plugins:
            """
            SELECT number, name, paused_because, not_before, resumed_at, line_order, lining_up
            FROM plugin ORDER BY number
            """
        default: "SELECT number FROM plugin WHERE name = ?1"
        }
    }

    private var counting: String {
        switch self {
        case .counters: "SELECT queue, state, count FROM counter WHERE count <> 0"
        case .oldestInState:
            """
            SELECT id FROM delivery INDEXED BY delivery_queue
            WHERE queue = ?1 AND state = ?2 AND due_at = 0 ORDER BY id LIMIT 1
            """
        case .oldestWaiting:
            """
            SELECT min(id) FROM (SELECT id FROM delivery INDEXED BY delivery_queue
            WHERE queue = ?1 AND state = 1 LIMIT ?2)
            """
        case .nextDue: "SELECT due_at FROM delivery WHERE queue = ?1 AND state = 1 ORDER BY due_at LIMIT 1"
        case .countInState:
            """
            SELECT count(*) FROM (SELECT 1 FROM delivery INDEXED BY delivery_queue
            WHERE queue = ?1 AND state = ?2 AND due_at = 0 AND id >= ?3 AND id < ?4 LIMIT ?5)
            """
        case .firstSequence: "SELECT min(sequence) FROM event"
        case .lastSequence: "SELECT max(sequence) FROM event"
        case .jobs: "SELECT \(JobRecord.columns) FROM job WHERE id < ?1 ORDER BY id DESC LIMIT ?2"
        case .job: "SELECT \(JobRecord.columns) FROM job WHERE id = ?1"
        default: "SELECT id, at, who, what, detail FROM audit WHERE id < ?1 ORDER BY id DESC LIMIT ?2"
        }
    }
}
