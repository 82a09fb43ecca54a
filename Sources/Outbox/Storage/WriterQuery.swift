// Every statement of the writing connection. Each goes by primary key or by one index, never through a table
// that grows; a test asks SQLite for the plan of each.

/// The writer's statements.
enum WriterQuery: Int, Query {
    case begin, commit, rollback
    // Appending.
    case insertEvent, findEvent, insertDelivery
    // Recording.
    case applyRecord, insertAttempt, noteAttempts, insertWriteBack, stateOf, changeState
    // Claiming.
    case oldestReady, newestReady, due, nextDue
    // Standing in line.
    case lineOf, isOccupied, activeInLine, nextInLine, putInLine, setOrder, endLiningUp
    // Opening, counters, plugins.
    case setCounter, counters, lastSequence, setting, setSetting, started
    case plugins, insertPlugin, pausePlugin, resumePlugin, setNotBefore, insertAudit
    // Operations.
    case inStateSameDue, inStateLaterDue, eventFacts, eventFrom, lastStatus, retry, laterThan, setDue
    case eventsAfter, wholeEvent
    // Jobs.
    case insertJob, trimJobs, job, saveJob, runningJobs
    // Sweeping and content.
    case sweepable, deliveriesOf, deleteAttempts, deleteDelivery, deleteEvent, stripEvent, eventsWithContent,
        pendingOf

    var sql: String {
        switch self {
        case .begin: "BEGIN IMMEDIATE"
        case .commit: "COMMIT"
        case .rollback: "ROLLBACK"
        case .insertEvent, .findEvent, .insertDelivery: appending
        case .applyRecord, .insertAttempt, .noteAttempts, .insertWriteBack, .stateOf, .changeState: recording
        case .oldestReady, .newestReady, .due, .nextDue: claiming
        case .lineOf, .isOccupied, .activeInLine, .nextInLine, .putInLine, .setOrder, .endLiningUp: ordering
        case .setCounter, .counters, .lastSequence, .setting, .setSetting, .started, .plugins, .insertPlugin,
            .pausePlugin, .resumePlugin, .setNotBefore, .insertAudit:
            keeping
        case .inStateSameDue, .inStateLaterDue, .eventFacts, .eventFrom, .lastStatus, .retry, .laterThan,
            .setDue, .eventsAfter, .wholeEvent:
            operating
        case .insertJob, .trimJobs, .job, .saveJob, .runningJobs: working
        case .sweepable, .deliveriesOf, .deleteAttempts, .deleteDelivery, .deleteEvent, .stripEvent,
            .eventsWithContent, .pendingOf:
            sweeping
        }
    }

    private var appending: String {
        switch self {
        case .insertEvent:
            """
            INSERT INTO event (sequence, id, type, accepted_at, actor, object, content, digest, body)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (id) DO NOTHING
            """
        case .findEvent: "SELECT sequence, digest, body FROM event WHERE id = ?1"
        default:
            """
            INSERT INTO delivery (id, queue, state, due_at, attempts, tried_for, updated_at, line)
            VALUES (?1, ?2, ?4, 0, 0, 0, ?3, ?5) ON CONFLICT (id) DO NOTHING
            """
        }
    }

    private var recording: String {
        switch self {
        // The state is part of the condition: a row that is not as we remember it is looked at first. The states that
        // keep their line are compared one by one: for IN with a list SQLite makes a table anew at each run, which
        // took as long as all the rest of the statement.
        case .applyRecord:
            """
            UPDATE delivery SET state = ?3, due_at = ?4, attempts = coalesce(?5, attempts),
            tried_for = tried_for + ?6, updated_at = ?7, reason = ?8, extracted = ?9,
            line = CASE WHEN ?3 < 3 OR ?3 = 7 THEN line END
            WHERE id = ?1 AND state = ?2
            """
        case .insertAttempt:
            """
            INSERT OR REPLACE INTO attempt (delivery, number, started_at, ended_at, resolved, connected, secured,
            first_byte, total, status, failure, message, remote_address, answer_headers, answer_body)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
            """
        case .noteAttempts: "UPDATE delivery SET attempts = ?2 WHERE id = ?1"
        case .insertWriteBack:
            """
            INSERT INTO delivery (id, queue, state, due_at, attempts, tried_for, updated_at, reason, task)
            VALUES (?1, 0, ?2, 0, 0, 0, ?3, ?4, ?5) ON CONFLICT (id) DO NOTHING
            """
        case .stateOf: "SELECT state FROM delivery WHERE id = ?1"
        default:
            """
            UPDATE delivery SET state = ?3, due_at = ?4, reason = ?5, updated_at = coalesce(?6, updated_at),
            line = CASE WHEN ?3 < 3 OR ?3 = 7 THEN line END
            WHERE id = ?1 AND state = ?2
            """
        }
    }

    private var claiming: String {
        let claim = """
            SELECT d.id, d.attempts, d.tried_for, d.updated_at, d.task, e.accepted_at, e.id, e.type, e.object, e.body,
            d.due_at, d.line FROM delivery AS d INDEXED BY delivery_queue CROSS JOIN event AS e ON e.sequence = d.id >> 23
            WHERE d.queue = ?1
            """
        return switch self {
        case .oldestReady: claim + " AND d.state = 0 AND d.due_at = 0 AND d.id > ?2 ORDER BY d.id"
        case .newestReady: claim + " AND d.state = 0 AND d.due_at = 0 AND d.id < ?2 ORDER BY d.id DESC"
        case .due: claim + " AND d.state = 1 AND d.due_at >= ?2 AND d.due_at <= ?3 ORDER BY d.due_at"
        default:
            "SELECT due_at FROM delivery WHERE queue = ?1 AND state = 1 AND due_at > ?2 ORDER BY due_at LIMIT 1"
        }
    }

    private var ordering: String {
        switch self {
        case .lineOf: "SELECT line FROM delivery WHERE id = ?1"
        case .isOccupied:
            "SELECT 1 FROM delivery INDEXED BY delivery_line WHERE queue = ?1 AND line = ?2 LIMIT 1"
        case .activeInLine:
            "SELECT id, state FROM delivery INDEXED BY delivery_line WHERE queue = ?1 AND line = ?2 AND state < 7"
        case .nextInLine:
            """
            SELECT id FROM delivery INDEXED BY delivery_line WHERE queue = ?1 AND line = ?2 AND state = 7
            ORDER BY id LIMIT 1
            """
        case .putInLine:
            """
            UPDATE delivery SET state = ?3, line = ?4, due_at = CASE WHEN ?3 = 1 THEN due_at ELSE 0 END
            WHERE id = ?1 AND state = ?2
            """
        case .setOrder: "UPDATE plugin SET line_order = ?2, lining_up = 1 WHERE number = ?1"
        default: "UPDATE plugin SET lining_up = 0 WHERE number = ?1"
        }
    }

    private var keeping: String {
        switch self {
        case .setCounter:
            """
            INSERT INTO counter (queue, state, count) VALUES (?1, ?2, ?3)
            ON CONFLICT (queue, state) DO UPDATE SET count = excluded.count
            """
        case .counters: "SELECT queue, state, count FROM counter"
        case .lastSequence: "SELECT max(sequence) FROM event"
        case .setting: "SELECT value FROM setting WHERE key = ?1"
        case .setSetting:
            "INSERT INTO setting (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
        case .started: "SELECT id FROM delivery WHERE queue = ?1 AND state = 2"
        case .plugins:
            """
            SELECT number, name, paused_because, not_before, resumed_at, line_order, lining_up
            FROM plugin ORDER BY number
            """
        case .insertPlugin: "INSERT INTO plugin (number, name) VALUES (?1, ?2)"
        case .pausePlugin: "UPDATE plugin SET paused_because = ?2, paused_at = ?3 WHERE number = ?1"
        case .resumePlugin:
            """
            UPDATE plugin SET paused_because = NULL, paused_at = NULL, not_before = NULL, resumed_at = ?2
            WHERE number = ?1
            """
        case .setNotBefore: "UPDATE plugin SET not_before = ?2 WHERE number = ?1"
        default: "INSERT INTO audit (at, who, what, detail) VALUES (?1, ?2, ?3, ?4)"
        }
    }

    private var operating: String {
        switch self {
        // Two statements, because SQLite does not seek to (due_at, id) > (?, ?) but reads all rows of that due_at.
        case .inStateSameDue:
            """
            SELECT id, due_at FROM delivery INDEXED BY delivery_queue
            WHERE queue = ?1 AND state = ?2 AND due_at = ?3 AND id > ?4 ORDER BY id LIMIT ?5
            """
        case .inStateLaterDue:
            """
            SELECT id, due_at FROM delivery INDEXED BY delivery_queue
            WHERE queue = ?1 AND state = ?2 AND due_at > ?3 ORDER BY due_at, id LIMIT ?5
            """
        case .eventFacts: "SELECT type, object, accepted_at FROM event WHERE sequence = ?1"
        case .eventFrom:
            "SELECT sequence, accepted_at FROM event WHERE sequence >= ?1 ORDER BY sequence LIMIT 1"
        case .lastStatus: "SELECT status FROM attempt WHERE delivery = ?1 ORDER BY number DESC LIMIT 1"
        case .retry:
            """
            UPDATE delivery SET state = ?4, line = ?5, due_at = 0, tried_for = 0, reason = NULL,
            updated_at = max(?3, coalesce(?6 + 1, 0))
            WHERE id = ?1 AND state = ?2 AND updated_at <= coalesce(?6, updated_at)
            """
        case .laterThan: "SELECT id FROM delivery WHERE queue = ?1 AND state = 1 AND due_at > ?2 LIMIT ?3"
        case .setDue: "UPDATE delivery SET due_at = ?2 WHERE id = ?1"
        case .eventsAfter:
            """
            SELECT sequence, type, object, accepted_at FROM event WHERE sequence > ?1 AND sequence <= ?2
            ORDER BY sequence LIMIT ?3
            """
        default: "SELECT id, type, actor, object, content, body FROM event WHERE sequence = ?1"
        }
    }

    private var working: String {
        switch self {
        case .insertJob:
            """
            INSERT INTO job (orders, rate, state, who, created_at, updated_at, position, total, examined, done, skipped)
            VALUES (?1, ?2, 0, ?3, ?4, ?4, '', ?5, 0, 0, 0) RETURNING id
            """
        case .trimJobs: "DELETE FROM job WHERE id <= ?1 AND state = 2"
        case .job: "SELECT \(JobRecord.columns) FROM job WHERE id = ?1"
        case .saveJob:
            """
            UPDATE job SET state = ?2, updated_at = ?3, position = ?4, examined = ?5, done = ?6, skipped = ?7,
            problem = ?8 WHERE id = ?1
            """
        default: "SELECT \(JobRecord.columns) FROM job WHERE state = 0"
        }
    }

    private var sweeping: String {
        switch self {
        case .sweepable:
            """
            SELECT sequence, accepted_at, body IS NULL FROM event WHERE sequence > ?1 ORDER BY sequence LIMIT ?2
            """
        case .deliveriesOf: "SELECT id, state, updated_at FROM delivery WHERE id >= ?1 AND id < ?2"
        case .deleteAttempts: "DELETE FROM attempt WHERE delivery = ?1"
        case .deleteDelivery: "DELETE FROM delivery WHERE id = ?1"
        case .deleteEvent: "DELETE FROM event WHERE sequence = ?1"
        case .stripEvent: "UPDATE event SET content = NULL, digest = ?2, body = NULL WHERE sequence = ?1"
        case .eventsWithContent: "SELECT sequence FROM event WHERE content = ?1"
        default:
            """
            SELECT 1 FROM delivery WHERE id >= ?1 AND id < ?2 AND (state <= 3 OR state = 7)
            AND (id >> 15 & 255) = 0 LIMIT 1
            """
        }
    }
}
