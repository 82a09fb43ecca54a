// /api/plugins: what is configured, how each does, and pause, resume and ping.

import Dispatcher
import Hummingbird
import Model
import Outbox
import Settings

extension Interface {
    var pluginRoutes: [Route] {
        [
            Route(
                method: .get, path: "/api/plugins", name: "listPlugins",
                summary: "All plugins with their state",
                answers: [
                    .init(status: 200, type: "application/json", schema: "Plugins", meaning: "The plugins")
                ],
                problems: [503],
                respond: { _ in .json(.members(["plugins": .array(try await plugins())])) }),
            Route(
                method: .get, path: "/api/plugins/{plugin}", name: "showPlugin",
                summary: "One plugin: state, and every setting in force with where it was written",
                answers: [
                    .init(status: 200, type: "application/json", schema: "Plugin", meaning: "The plugin")
                ],
                problems: [404, 503],
                respond: { call in .json(try await plugin(call.parameters[0])) }),
            action(
                "pause", "Hold a plugin's deliveries until it is resumed",
                bodies: [("application/json", "Pause")]
            ) {
                call in
                let reason = try await Fields(call.body, allowed: ["reason"]).text("reason")
                try await control.pause(call.parameters[0], because: reason ?? "paused by the operator")
            },
            action("resume", "Let a paused plugin run again", bodies: []) { call in
                try await control.resume(call.parameters[0])
            },
            pingRoute,
        ]
    }

    private func action(
        _ verb: String, _ summary: String, bodies: [(type: String, schema: String)],
        perform: @escaping @Sendable (Call) async throws -> Void
    ) -> Route {
        Route(
            method: .post, path: "/api/plugins/{plugin}/\(verb)", name: "\(verb)Plugin", summary: summary,
            bodies: bodies,
            answers: [
                .init(
                    status: 200, type: "application/json", schema: "Plugin", meaning: "The plugin, after it")
            ],
            problems: bodies.isEmpty ? [404, 409, 503] : [400, 404, 408, 409, 413, 503],
            respond: { call in
                _ = try await known(call.parameters[0])
                try await perform(call)
                await record(call.caller, verb, call.parameters[0])
                return .json(try await plugin(call.parameters[0]))
            })
    }

    /// Checks that there is a plugin called `name`, or was one with deliveries left.
    /// - Throws: `Problem` 404 with the nearest name.
    func known(_ name: String) async throws -> PluginRecord {
        let records = try await reader.plugins()
        if let record = records.first(where: { $0.name == name }) { return record }
        throw Problem(404, "there is no plugin '\(name)'" + Query.hint(name, records.map(\.name)))
    }

    private func plugins() async throws -> [JSON] {
        try await control.statuses().map { status in
            PluginView.json(status.name, control.settings).adding(["status": pluginStatus(status)])
        }
    }

    private func plugin(_ name: String) async throws -> JSON {
        let record = try await known(name)
        let status = try await control.statuses().first { $0.name == name }
        // Gone from the configuration: what is left of it is in the outbox.
        let shown =
            status ?? PluginStatus(name: record.name, state: .disabled, reason: "not in the configuration")
        return PluginView.json(name, control.settings).adding([
            "status": pluginStatus(shown), "configuration": PluginView.configuration(name, control.settings),
        ])
    }

    /// A plugin's state and figures.
    func pluginStatus(_ status: PluginStatus) -> JSON {
        let counts = DeliveryState.allCases.map { state in
            JSON.Member(key: state.name, value: .integer(status.counts[state] ?? 0))
        }
        return .members([
            "name": .string(status.name), "state": .string(status.state.rawValue),
            "reason": .text(free(status.reason)),
            "deliveries": .object(counts), "in_flight": .integer(status.inFlight),
            "window": .integer(status.window),
            "oldest_pending": .moment(status.oldestPending), "next_retry": .moment(status.nextRetry),
            "delivered": .integer(status.delivered), "failed": .integer(status.failed),
            "dead": .integer(status.dead), "last_failure": .text(free(status.lastFailure)),
        ])
    }
}
