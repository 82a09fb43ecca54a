// The second part of the scenario `pages`: every command and every page of a daemon on the full outbox, and what a job on
// all of it keeps others from.

import Glibc
import Mailbox
import Model
import Outbox

extension Bench {
    func commanded(_ full: PagesOutbox, _ folder: String) async throws -> [Measurement] {
        let (url, process) = try receiver()
        defer { withExtendedLifetime(process) {} }
        // Lists show the newest: of a plugin whose deliveries can be called off and tried again.
        let delivery = try await newest(full, PluginNumber(3), .held)
        let commands = PagesCommands(
            event: delivery.eventID, delivery: delivery.description, plugin: "mixed", folder: folder)
        let daemon = try await PagesDaemon(folder: folder, url: url)
        var measurements = [bar("run: to ready", daemon.readyAfter)]
        for path in commands.pages {
            progress("pages: GET \(path)")
            measurements.append(bar("GET \(shown(path))", try await worst { try daemon.ask("GET", path) }))
        }
        for command in commands.answering {
            progress("pages: \(command)")
            let worst = try await worst { _ = try await succeed(command, daemon) }
            measurements.append(bar(shown(command), worst))
        }
        for command in commands.changing {
            progress("pages: \(command)")
            measurements.append(bar(shown(command), try await succeed(command, daemon).end))
        }
        measurements += try bulk(daemon)
        for command in commands.working {
            progress("pages: \(command)")
            measurements += both(
                command, try await succeed(command, daemon, isEndless: command.hasPrefix("receiver")))
        }
        for command in commands.jobs { measurements += try await job(command, daemon, process) }
        try daemon.stop()
        progress("pages: fsck")
        return measurements + both("fsck", try await succeed("fsck", daemon))
    }

    private func newest(
        _ full: PagesOutbox, _ plugin: PluginNumber, _ state: DeliveryState
    ) async throws -> DeliveryName {
        let reader = try OutboxReader(directory: full.directory)
        defer { reader.close() }
        let page = try await reader.deliveries(DeliveryFilter(queue: plugin, states: [state]), limit: 1)
        guard let delivery = page.items.first else {
            throw BenchError("no delivery is \(state): raise --backlog")
        }
        return delivery.name
    }

    private func bar(_ name: String, _ value: Double) -> Measurement {
        Measurement("pages", name, value, "ms", bar: Self.patience)
    }

    private func both(_ command: String, _ run: CommandRun) -> [Measurement] {
        [
            bar(shown(command) + ": first answer", run.first),
            Measurement("pages", shown(command) + ": end", run.end, "ms"),
        ]
    }

    /// Runs a command with the daemon's configuration.
    /// - Throws: `BenchError` when it does not exit with 0, with what it said.
    private func succeed(
        _ command: String, _ daemon: PagesDaemon, isEndless: Bool = false
    ) async throws -> CommandRun {
        let words = command.split(separator: " ").map(String.init)
        let needsNone = ["secret", "receiver"].contains(words[0])
        let run = try await CommandRun.of(
            words + (needsNone ? [] : ["--config", daemon.configuration]), isEndless: isEndless)
        guard run.code == 0 || isEndless else {
            throw BenchError("\(command): exit \(run.code): \(run.said)")
        }
        return run
    }

    /// What the dashboard does to many at once, in one request each.
    private func bulk(_ daemon: PagesDaemon) throws -> [Measurement] {
        progress("pages: retrying many over the API")
        func time(_ name: String, _ path: String, _ body: JSON) throws -> Measurement {
            let start = nanoseconds()
            try daemon.ask("POST", path, body.serialised())
            return bar(name, Double(nanoseconds() - start) / 1e6)
        }
        let dead = try daemon.ask("GET", "/api/dead-letters")
        guard let reason = dead.pointer("/groups/0/reason"), let plugin = dead.pointer("/groups/0/plugin")
        else {
            throw BenchError("nothing is dead: raise --backlog")
        }
        let group = JSON.object([.init(key: "plugin", value: plugin), .init(key: "reason", value: reason)])
        let held = try daemon.ask("GET", "/api/deliveries?state=held&limit=500")
        guard case .array(let rows)? = held["deliveries"] else { throw BenchError("nothing is held") }
        let ids = JSON.object([.init(key: "ids", value: .array(rows.compactMap { $0["id"] }))])
        return [
            try time("POST /api/dead-letters/retry, a part", "/api/dead-letters/retry", group),
            try time("POST /api/deliveries/retry, \(rows.count) ids", "/api/deliveries/retry", ids),
        ]
    }

    /// A job on everything: when its command says something, and what others wait for meanwhile.
    private func job(
        _ command: String, _ daemon: PagesDaemon, _ process: ReceiverProcess?
    ) async throws -> [Measurement] {
        progress("pages: \(command)")
        _ = process?.statistics()
        let isOver = Lock(false)
        async let running = succeed(command, daemon)
        let meanwhile = Task {
            var (status, intake) = (0.0, 0.0)
            repeat {
                status = max(status, try await succeed("status", daemon).end)
                let start = nanoseconds()
                let event = BenchEvents.lines(1, size: eventSize, type: "on_created_file").dropLast()
                try daemon.ask("POST", "/api/events", Array(event))
                intake = max(intake, Double(nanoseconds() - start) / 1e6)
            } while !isOver.withLock { $0 }
            return (status, intake)
        }
        defer { isOver.withLock { $0 = true } }
        let run = try await running
        let delivered = process?.statistics().count ?? 0
        isOver.withLock { $0 = true }
        let (status, intake) = try await meanwhile.value
        return both(command, run) + [
            bar(shown(command) + ": status meanwhile", status),
            bar(shown(command) + ": an event accepted meanwhile", intake),
            Measurement(
                "pages", shown(command) + ": delivered meanwhile", Double(delivered) * 1000 / max(1, run.end),
                "deliveries/s"),
        ]
    }

    /// A command or path with what is only an example in it made short.
    private func shown(_ text: String) -> String {
        text.replacing(PagesOutbox.rare, with: "RARE").split(separator: " ").map { word in
            word.hasPrefix("/") && word.hasSuffix(".ndjson")
                ? "FILE" : String(word.replacing(/[0-9a-f]{8}-[0-9a-f-]{27}/, with: "EVENT"))
        }.joined(separator: " ")
    }
}
