// GET /api/history, /api/audit and /api/ages: what the dashboard shows beside lists and status.

import Hummingbird
import Model
import Outbox

extension Interface {
    var insightRoutes: [Route] {
        [
            Route(
                method: .get, path: "/api/history", name: "history",
                summary: "Each plugin's figures over the last hour or day, since the daemon's start",
                parameters: [
                    Parameter(
                        name: "minutes", kind: .integer(10...History.length),
                        meaning: "How far back; 1440 by default, in columns of ten minutes from 144 on")
                ],
                answers: [
                    .init(status: 200, type: "application/json", schema: "Object", meaning: "Columns")
                ],
                problems: [400], respond: { call in .json(history(call.query.integer("minutes"))) }),
            Route(
                method: .get, path: "/api/audit", name: "listAudit",
                summary: "What operators did, newest first",
                parameters: Self.paging,
                answers: [
                    .init(status: 200, type: "application/json", schema: "Object", meaning: "A page")
                ],
                problems: [400, 503], respond: { call in .json(try await audit(call.query)) }),
            Route(
                method: .get, path: "/api/ages", name: "ages", summary: "What waits, by plugin and age",
                answers: [
                    .init(status: 200, type: "application/json", schema: "Object", meaning: "The table")
                ],
                problems: [503], respond: { _ in .json(try await ages()) }),
        ]
    }

    private func history(_ minutes: Int?) -> JSON {
        let minutes = minutes ?? History.length
        let step = max((minutes + 143) / 144, 1)
        let columns = keeper.current.columns(minutes: minutes - minutes % step, step: step, now: now())
        let lines = columns.lines.map { line in
            func column(_ value: (HistoryCell) -> Int64) -> JSON {
                .array(line.cells.map { $0.map { .integer(value($0)) } ?? .null })
            }
            return JSON.members([
                "name": .string(line.name), "delivered": column(\.delivered), "failed": column(\.failed),
                "pending": column(\.pending), "median_us": column(\.median), "p95_us": column(\.high),
            ])
        }
        return .members([
            "step_seconds": .integer(step * 60), "starts": .array(columns.starts.map(JSON.moment)),
            "plugins": .array(lines),
        ])
    }

    private func audit(_ query: Query) async throws -> JSON {
        let (after, limit) = try page(query)
        let page = try await reader.audit(after: after, limit: limit)
        let entries = page.items.map { entry in
            JSON.members([
                "at": .moment(entry.at), "who": .text(free(entry.who)), "what": .string(entry.what),
                "detail": .text(free(entry.detail)),
            ])
        }
        return .members(["entries": .array(entries), "next": .text(page.next?.description)])
    }

    private func ages() async throws -> JSON {
        let table = try await reader.ageTable()
        let names = Dictionary(
            try await reader.plugins().map { ($0.number, $0.name) }, uniquingKeysWith: { first, _ in first })
        let rows = table.rows.map { row in
            JSON.members([
                "plugin": .string(names[row.queue] ?? "\(row.queue.rawValue)"),
                "counts": .array(row.counts.map { .integer($0) }), "estimate": .bool(row.isEstimate),
            ])
        }
        return .members([
            "limits_seconds": .array(table.limits.map { .integer($0.milliseconds / 1000) }),
            "rows": .array(rows),
        ])
    }
}
