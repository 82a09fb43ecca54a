// The tables, and how an older outbox becomes a newer one. The version is `PRAGMA user_version`.
// Failure: an outbox of a newer version, or a file that is no outbox, is left untouched and named.

import CSQLite

/// The schema of the outbox's database.
enum Schema {
    /// What `PRAGMA application_id` says of our files: "MWwh".
    static let applicationID: Int64 = 0x4d57_7768
    /// The version this program writes.
    static var version: Int64 { Int64(migrations.count) }

    /// Step `n` (from 0) makes version `n` + 1 of version `n`. Steps are only ever added.
    static let migrations = [
        """
        CREATE TABLE plugin (
            number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, paused_because TEXT, paused_at INTEGER,
            not_before INTEGER, resumed_at INTEGER) STRICT;
        INSERT INTO plugin (number, name) VALUES (0, 'mwdb');

        -- body NULL: not kept, digest is its SHA-256.
        CREATE TABLE event (
            sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL,
            accepted_at INTEGER NOT NULL, actor TEXT, object TEXT, content TEXT, digest BLOB, body BLOB) STRICT;
        CREATE INDEX event_content ON event (content) WHERE content IS NOT NULL;

        -- id: DeliveryID. due_at: 0 unless waiting, so that ready ones are in the order of their events.
        CREATE TABLE delivery (
            id INTEGER PRIMARY KEY, queue INTEGER NOT NULL, state INTEGER NOT NULL, due_at INTEGER NOT NULL,
            attempts INTEGER NOT NULL, tried_for INTEGER NOT NULL, updated_at INTEGER NOT NULL, reason TEXT,
            extracted BLOB, task BLOB) STRICT;
        CREATE INDEX delivery_queue ON delivery (queue, state, due_at);

        CREATE TABLE attempt (
            delivery INTEGER NOT NULL, number INTEGER NOT NULL, started_at INTEGER NOT NULL,
            ended_at INTEGER NOT NULL, resolved INTEGER NOT NULL, connected INTEGER NOT NULL,
            secured INTEGER NOT NULL, first_byte INTEGER NOT NULL, total INTEGER NOT NULL, status INTEGER,
            failure TEXT, message TEXT NOT NULL, remote_address TEXT, answer_headers TEXT NOT NULL,
            answer_body BLOB NOT NULL, PRIMARY KEY (delivery, number)) STRICT, WITHOUT ROWID;

        -- How many deliveries are in each state, so that nobody has to count them.
        CREATE TABLE counter (
            queue INTEGER NOT NULL, state INTEGER NOT NULL, count INTEGER NOT NULL,
            PRIMARY KEY (queue, state)) STRICT, WITHOUT ROWID;

        CREATE TABLE setting (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE audit (
            id INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL,
            detail TEXT NOT NULL) STRICT;
        """,
        """
        -- Objects are hashes: in an index of all of them every event would touch a page of its own. Divided into parts
        -- of 4,096 events, only the last part's few pages are written, and a search looks into each part.
        CREATE INDEX event_object ON event (sequence >> 12, substr(object, 1, 8)) WHERE object IS NOT NULL;
        """,
        """
        -- line: what it must not overtake (`order`); NULL where there is none, or when it is not pending.
        ALTER TABLE delivery ADD COLUMN line INTEGER;
        CREATE INDEX delivery_line ON delivery (queue, line, state) WHERE line IS NOT NULL;
        ALTER TABLE plugin ADD COLUMN line_order TEXT NOT NULL DEFAULT 'none';
        ALTER TABLE plugin ADD COLUMN lining_up INTEGER NOT NULL DEFAULT 0;
        """,
        """
        -- Operators' jobs. position: where it goes on, stored together with what was done up to there.
        CREATE TABLE job (
            id INTEGER PRIMARY KEY, orders TEXT NOT NULL, rate TEXT, state INTEGER NOT NULL, who TEXT NOT NULL,
            created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, position TEXT NOT NULL, total INTEGER,
            examined INTEGER NOT NULL, done INTEGER NOT NULL, skipped INTEGER NOT NULL, problem TEXT) STRICT;
        """,
    ]

    /// Brings the database to this program's version, each step in a transaction of its own.
    static func migrate<Queries>(_ database: Database<Queries>, path: String) throws(OutboxError) {
        try check(database, path: path)
        let start = Int(try database.pragma("user_version"))
        for step in start..<migrations.count {
            do {
                try database.execute("BEGIN IMMEDIATE")
                try database.execute(migrations[step])
                try database.execute("PRAGMA application_id = \(applicationID)")
                try database.execute("PRAGMA user_version = \(step + 1)")
                try database.execute("COMMIT")
            } catch {
                if !database.isIdle { try? database.execute("ROLLBACK") }
                throw error
            }
        }
    }

    /// Refuses files that are no outbox, or a newer one.
    static func check<Queries>(_ database: Database<Queries>, path: String) throws(OutboxError) {
        let found = try database.pragma("user_version")
        let application = try database.pragma("application_id")
        guard application == applicationID || (application == 0 && found == 0) else {
            throw .unusable(
                "\(path) is a SQLite file of another program; set [webhooks] outbox to another directory")
        }
        guard found <= version else {
            throw .unusable(
                "\(path) was written by a newer mwdb-webhooks (schema \(found), this one knows \(version)): "
                    + "install that version again, or restore the backup made before its upgrade")
        }
    }
}
