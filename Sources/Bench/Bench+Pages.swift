// Scenario `pages`: what lists, pages and commands ask of a full outbox, and how long each takes at worst. First the
// reader by itself, then every command and page of a live daemon.

import Glibc
import Model
import Outbox

extension Bench {
    /// What an answer may take, in milliseconds.
    static let patience = Measurement.Bar.atMost(300)

    func pages() async throws -> [Measurement] {
        let folder = try absolute(directory) + "/mwdb-webhooks-bench-pages-\(getpid())"
        guard mkdir(folder, 0o700) == 0 else {
            throw BenchError("cannot make \(folder): \(String(cString: strerror(errno)))")
        }
        defer { removeFolder(folder) }
        let full = try await PagesOutbox(
            directory: folder + "/outbox", count: backlog, eventSize: eventSize, progress: progress)
        return [Measurement("pages", "deliveries", Double(backlog), "")]
            + (try await asked(full)) + (try await commanded(full, folder))
    }

    private func absolute(_ path: String) throws(BenchError) -> String {
        guard let found = realpath(path, nil) else {
            throw BenchError("cannot use \(path): \(String(cString: strerror(errno)))")
        }
        defer { free(found) }
        return String(cString: found)
    }

    /// What the reader is asked.
    private func asked(_ full: PagesOutbox) async throws -> [Measurement] {
        let reader = try OutboxReader(directory: full.directory)
        defer { reader.close() }
        var measurements: [Measurement] = []
        for question in try await questions(reader) {
            progress("pages: \(question.name)")
            measurements.append(
                Measurement("pages", question.name, try await worst(question.ask), "ms", bar: Self.patience))
        }
        return measurements
    }

    /// The longest of several times, in milliseconds.
    func worst(_ body: () async throws -> Void) async throws -> Double {
        var worst = 0.0
        for _ in 0..<max(3, runs) {
            let start = nanoseconds()
            try await body()
            worst = max(worst, Double(nanoseconds() - start) / 1e6)
        }
        return worst
    }

    /// Something that a page or a command asks.
    private struct Question {
        var name: String
        var ask: () async throws -> Void

        init(_ name: String, _ ask: @escaping () async throws -> Void) {
            self.name = name
            self.ask = ask
        }
    }

    private func questions(_ reader: OutboxReader) async throws -> [Question] {
        let numbers = try await reader.plugins().map(\.number)
        let newest = try await reader.deliveries(limit: 1).items
        guard let newest = newest.first else { throw BenchError("the outbox is empty: raise --backlog") }
        let middle = try await reader.events(EventFilter(object: PagesOutbox.rare)).items.last?.acceptedAt
        let oldest = PageToken("\(DeliveryID(sequence: 200, plugin: .mwdb).rawValue)")
        func list(_ name: String, _ filter: DeliveryFilter, after: PageToken? = nil) -> Question {
            Question(name) { _ = try await reader.deliveries(filter, after: after, limit: 100) }
        }
        var questions = [
            list("newest deliveries", DeliveryFilter()),
            list("oldest deliveries", DeliveryFilter(), after: oldest),
            list("of a hook that is not there", DeliveryFilter(hook: "on_removed_user")),
            list("of a status that is not there", DeliveryFilter(status: 418)),
            list("of a rare object", DeliveryFilter(object: PagesOutbox.rare)),
            list("of an object that is not there", DeliveryFilter(object: "none")),
            list("accepted before a moment", DeliveryFilter(until: middle)),
            Question("events of a rare object") {
                _ = try await reader.events(EventFilter(object: PagesOutbox.rare))
            },
            Question("events of a hook that is not there") {
                _ = try await reader.events(EventFilter(hook: "on_removed_user"))
            },
            Question("one delivery") {
                guard let id = try await reader.find(newest.name) else { throw BenchError("it is gone") }
                _ = try await reader.delivery(id)
            },
            Question("plugins with their counts, ages and next retries") {
                for plugin in try await reader.plugins() {
                    _ = try await reader.oldestPending(plugin.number)
                    _ = try await reader.nextDue(plugin.number)
                }
            },
            Question("the age table") { _ = try await reader.ageTable() },
            Question("sizes") { _ = try await reader.sizes() },
        ]
        questions += DeliveryState.allCases.map { list("state \($0)", DeliveryFilter(states: [$0])) }
        for (number, name) in zip(numbers.filter { $0 != .mwdb }, PagesOutbox.plugins) {
            questions.append(list("of the plugin '\(name)'", DeliveryFilter(queue: number)))
        }
        return questions
    }
}
