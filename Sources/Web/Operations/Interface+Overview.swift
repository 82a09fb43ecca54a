// /api/about and /api/status: what this daemon is, and how it is.

import Dispatcher
import Glibc
import Hummingbird
import Model
import Outbox
import Settings

extension Interface {
    var overviewRoutes: [Route] {
        [
            Route(
                method: .get, path: "/api/about", name: "about",
                summary: "Name, version, and the plugins as MWDB shows its own",
                answers: [
                    .init(status: 200, type: "application/json", schema: "About", meaning: "What it is")
                ],
                respond: { _ in .json(about) }),
            Route(
                method: .get, path: "/api/status", name: "status",
                summary: "Whether all is well: intake, plugins, disk",
                answers: [
                    .init(status: 200, type: "application/json", schema: "Status", meaning: "How it is")
                ],
                problems: [503],
                respond: { _ in .json(try await status()) }),
            Route(
                method: .post, path: "/api/reload", name: "reload",
                summary: "Read the configuration again, as SIGHUP does",
                description: "An invalid configuration changes nothing; the problems are listed.",
                answers: [
                    .init(status: 200, type: "application/json", schema: "Reloaded", meaning: "Applied")
                ],
                problems: [422],
                respond: { call in try await reloaded(call.caller) }),
        ]
    }

    private var about: JSON {
        let plugins = control.settings.plugins.map { plugin in
            JSON.Member(
                key: plugin.name,
                value: .members([
                    "active": .bool(plugin.enabled), "author": .text(plugin.author),
                    "version": .text(plugin.version), "description": .text(plugin.summary),
                ]))
        }
        return .members([
            "name": .string("mwdb-webhooks"), "version": .string(Product.version),
            "active_plugins": .object(plugins),
        ])
    }

    private func status() async throws -> JSON {
        let statuses = try await control.statuses()
        let sizes = try await reader.sizes()
        return .members([
            "version": .string(Product.version), "pid": .integer(getpid()), "started_at": .moment(startedAt),
            "now": .moment(now()), "ready": .bool(control.isReady),
            "not_ready_because": .text(free(control.notReadyBecause)),
            "intake": intakeFigures, "outbox": outboxFigures(sizes),
            "spool": .members(["path": .string(control.settings.spool)]),
            "plugins": .array(statuses.map(pluginStatus)),
        ])
    }

    private var intakeFigures: JSON {
        let figures = control.intakeFigures()
        return .members([
            "accepted": .integer(figures.accepted), "duplicates": .integer(figures.duplicates),
            "conflicts": .integer(figures.conflicts), "rejected_lines": .integer(figures.rejected),
            "rejected_files": .integer(figures.rejectedFiles), "files": .integer(figures.files),
            "waiting_files": .integer(figures.waitingFiles), "lost_at_source": .integer(figures.lostAtSource),
            "sources": .integer(figures.sources),
            "last_heartbeat": .moment(figures.lastHeartbeat.map(Timestamp.init(milliseconds:))),
            "refused_because": .text(free(figures.refusedBecause)),
        ])
    }

    private func outboxFigures(_ sizes: OutboxSizes) -> JSON {
        .members([
            "path": .string(control.settings.outbox), "database_bytes": .integer(sizes.database),
            "reusable_bytes": .integer(sizes.reusable), "log_bytes": .integer(sizes.log),
            "disk_free_bytes": .integer(sizes.diskFree), "disk_total_bytes": .integer(sizes.diskTotal),
        ])
    }

    private func reloaded(_ caller: Caller) async throws -> Response {
        let problems = await reload()
        let hasErrors = problems.contains { $0.severity == .error }
        await record(caller, "reload", hasErrors ? "refused: the configuration has errors" : "applied")
        let listed = JSON.array(problems.map(settingsProblem))
        guard hasErrors else {
            return .json(.members(["plugins": .integer(control.settings.plugins.count), "problems": listed]))
        }
        var problem = Problem(422, "the configuration has errors; the one in force stays")
        problem.members = [JSON.Member(key: "problems", value: listed)]
        throw problem
    }

    private func settingsProblem(_ problem: SettingsProblem) -> JSON {
        .members([
            "severity": .string(problem.severity.rawValue), "file": .text(problem.file),
            "line": .integer(problem.line), "section": .text(problem.section), "key": .text(problem.key),
            "message": .text(free(problem.message)), "suggestion": .text(free(problem.suggestion)),
        ])
    }

    /// Text from outside without the secrets it may repeat.
    func free(_ text: String?) -> String? {
        text.map(control.settings.redaction.redact)
    }
}
