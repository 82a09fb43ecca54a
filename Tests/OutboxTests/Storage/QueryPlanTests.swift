// No statement reads through a table that grows: SQLite is asked for its plan of each.

import CSQLite
import Testing

@testable import Outbox

@Suite("Query plans")
struct QueryPlanTests {
    /// Tables whose size does not depend on the number of events.
    private static let small = ["plugin", "counter", "setting", "job"]

    private func plan(_ database: OpaquePointer, _ sql: String) -> [String] {
        var statement: OpaquePointer?
        #expect(
            sqlite3_prepare_v2(database, "EXPLAIN QUERY PLAN " + sql, -1, &statement, nil) == SQLITE_OK,
            "\(sql)")
        defer { sqlite3_finalize(statement) }
        var lines: [String] = []
        while sqlite3_step(statement) == SQLITE_ROW {
            lines.append(String(cString: sqlite3_column_text(statement, 3)))
        }
        return lines
    }

    private func expectIndexed<Queries: Query>(_ queries: Queries.Type, _ database: OpaquePointer) {
        for query in queries.allCases {
            for line in plan(database, query.sql) {
                let isScan = line.hasPrefix("SCAN ") && !line.hasPrefix("SCAN CONSTANT ROW")
                let isSubquery = line.hasPrefix("SCAN (subquery")
                let table = line.split(separator: " ").dropFirst().first.map(String.init) ?? ""
                #expect(!isScan || isSubquery || Self.small.contains(table), "\(query): \(line)")
                #expect(!line.contains("TEMP B-TREE"), "\(query): \(line)")
            }
        }
    }

    @Test("every statement seeks, and none sorts")
    func plans() throws {
        let directory = TemporaryDirectory()
        let database = try OutboxWriter.open(OutboxDirectory.make(directory.path))
        expectIndexed(WriterQuery.self, database.handle)
        expectIndexed(ReaderQuery.self, database.handle)
    }

    @Test("no statement that writes makes a table of its own when it runs")
    func ephemeral() throws {
        let directory = TemporaryDirectory()
        let database = try OutboxWriter.open(OutboxDirectory.make(directory.path))
        // RETURNING makes one; a job is begun by hand.
        for query in WriterQuery.allCases where query != .insertJob {
            #expect(!operations(database.handle, query.sql).contains("OpenEphemeral"), "\(query)")
        }
        // As it would be noticed.
        let list = "SELECT 1 FROM plugin WHERE number IN (?1, ?2, ?3)"
        #expect(operations(database.handle, list).contains("OpenEphemeral"))
    }

    /// The operations of a statement's program. https://www.sqlite.org/opcode.html
    private func operations(_ database: OpaquePointer, _ sql: String) -> Set<String> {
        var statement: OpaquePointer?
        #expect(sqlite3_prepare_v2(database, "EXPLAIN " + sql, -1, &statement, nil) == SQLITE_OK, "\(sql)")
        defer { sqlite3_finalize(statement) }
        var operations: Set<String> = []
        while sqlite3_step(statement) == SQLITE_ROW {
            operations.insert(String(cString: sqlite3_column_text(statement, 1)))
        }
        return operations
    }

    @Test("what happened to an object is found by the index on objects")
    func object() throws {
        let directory = TemporaryDirectory()
        let database = try OutboxWriter.open(OutboxDirectory.make(directory.path))
        let lines = plan(database.handle, ReaderQuery.eventsAbout.sql)
        #expect(lines == ["SEARCH event USING INDEX event_object (<expr>=? AND <expr>=? AND rowid<?)"])
    }

    @Test("a check looks at each delivery and its event once, at lines by their index, and sorts nothing")
    func checks() throws {
        let directory = TemporaryDirectory()
        let database = try OutboxWriter.open(OutboxDirectory.make(directory.path))
        let faults = plan(database.handle, CheckQuery.anyWrong.sql)
        #expect(faults.filter { $0.hasPrefix("SCAN") } == ["SCAN d"])
        #expect(faults.contains("SEARCH e USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN"))
        #expect(!faults.contains { $0.contains("AUTOMATIC") || $0.contains("TEMP B-TREE") })
        #expect(
            plan(database.handle, CheckQuery.stuckLine.sql).first
                == "SCAN delivery USING COVERING INDEX delivery_line")
        #expect(!plan(database.handle, CheckQuery.sequences.sql).contains { $0.hasPrefix("SCAN event") })
    }

    @Test("the plan of a scan would be noticed")
    func scan() throws {
        let directory = TemporaryDirectory()
        let database = try OutboxWriter.open(OutboxDirectory.make(directory.path))
        #expect(plan(database.handle, "SELECT 1 FROM delivery WHERE attempts = 3") == ["SCAN delivery"])
    }
}
